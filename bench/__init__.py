"""
Named loads over the real stack: `python -m bench [name…]`.

A load is one `async` function that makes one call and checks the answer; its
docstring's first line is its conditions.  Speeds are told as ratios to bare
floors that the same client measures in the same run, in slices that alternate
with the load's own.  Nothing is asserted about speed; a wrong answer fails.
"""
