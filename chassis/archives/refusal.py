"""Why the command does not do what it was asked to, for staff: in Vietnamese and in English."""


class ArchiveRefused(Exception):
    """Nothing was changed, or nothing that a further run does not go on with."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.vi = vi
        self.en = en
