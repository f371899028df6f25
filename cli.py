"""The command line of musicrec."""
