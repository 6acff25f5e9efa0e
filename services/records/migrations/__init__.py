"""How the database of records came to be: `pre` files before the new code runs, `post` files after."""
