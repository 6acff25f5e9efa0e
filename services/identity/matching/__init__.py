"""MatchPersons: who somebody may be, by what is told of them (đối chiếu nhân thân)."""
