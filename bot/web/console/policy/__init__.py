"""*Policy*: what is the law, and all that is done about it."""
