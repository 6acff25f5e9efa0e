"""The entries of a document: each resource once, in the order in which they were first referred to."""

from collections.abc import Callable

from .elements import Element, reference


class Entries:
    def __init__(self) -> None:
        self._resources: dict[str, Element] = {}

    def refer(self, url: str, make: Callable[[], Element]) -> Element:
        """Return a reference to what is at *url*, which *make* makes when it is not there yet."""
        if url not in self._resources:
            self._resources[url] = make()
        return reference(url)

    def listed(self) -> list[Element]:
        return [{"fullUrl": url, "resource": resource} for url, resource in self._resources.items()]
