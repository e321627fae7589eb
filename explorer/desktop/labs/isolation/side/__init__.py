"""The right column of the Run tab: the verdict, who depends on whom, what the tables hold in the end."""
