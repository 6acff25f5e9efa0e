"""How the database of routing came to be: `pre` files before the new code runs, `post` files after."""
