"""PlaceService."""

from datetime import timedelta

from chassis import clock
from chassis.errors import NotFound
from chassis.pagination import Paginator
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.identity.v1 import place_service_pb2 as pb
from lientuyen.identity.v1.place_service_pb2_grpc import PlaceServiceServicer

from ..convert.places import province_to_pb
from ..model.places import MERGERS, old_prefix, provinces, resolve
from .refusals import day_of

# A day on which every code of the old list was given out.
BEFORE = MERGERS - timedelta(days=1)


class PlaceService(PlaceServiceServicer):
    """Knows the provinces; all of it is in the model."""

    def __init__(self, paginator: Paginator) -> None:
        self._paginator = paginator

    async def ListProvinces(
        self, request: pb.ListProvincesRequest, context: object
    ) -> pb.ListProvincesResponse:
        position = self._paginator.position(request.page_token, request)
        size = self._paginator.size(request.page_size)
        after = str(position[0]) if position else ""
        found = provinces(day_of("as_of", request.as_of) or clock.today())
        rows = [one for one in found if one.code > after][: size + 1]
        page, next_token = self._paginator.cut(rows, size, lambda one: [one.code], request)
        listed = [province_to_pb(one) for one in page]
        return pb.ListProvincesResponse(provinces=listed, next_page_token=next_token)

    async def ResolvePlace(self, request: pb.ResolvePlaceRequest, context: object) -> pb.ResolvePlaceResponse:
        if request.HasField("facility_code"):
            code, as_of = old_prefix(request.facility_code), BEFORE
        else:
            code, as_of = request.province_code, day_of("as_of", request.as_of) or clock.today()
        found = resolve(code, as_of)
        if found is None:
            raise NotFound(reasons.PLACE_NOT_FOUND, code=request.facility_code or request.province_code)
        return pb.ResolvePlaceResponse(
            today=province_to_pb(found.today), then=province_to_pb(found.then), outdated=found.outdated
        )
