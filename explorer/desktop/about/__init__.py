"""What the program consists of, in which versions and under which licences."""
