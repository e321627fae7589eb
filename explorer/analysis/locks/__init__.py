"""Who held which lock and who waited for it, circles of those who wait for one another; live or from a recording."""
