"""The coordination journey: invented people, their papers, and the story itself."""
