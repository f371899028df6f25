"""The terminal screen of musicrec."""
