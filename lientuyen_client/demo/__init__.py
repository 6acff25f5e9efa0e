"""The coordination journey: invented people, the files of a hospital, and the steps."""
