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
from ..policies.request_checks import day_from_pb

# A day on which every code of the old list was given out.
BEFORE_MERGERS = MERGERS - timedelta(days=1)


class PlaceService(PlaceServiceServicer):
    def __init__(self, paginator: Paginator) -> None:
        self._paginator = paginator

    async def ListProvinces(
        self, request: pb.ListProvincesRequest, context: object
    ) -> pb.ListProvincesResponse:
        page = self._paginator.open(request)
        after = str(page.position[0]) if page.position else ""
        in_order = provinces(day_from_pb("as_of", request.as_of) or clock.today())
        rows = [province for province in in_order if province.code > after][: page.limit]
        rows, next_page_token = page.close(rows, key=lambda province: [province.code])
        messages = map(province_to_pb, rows)
        return pb.ListProvincesResponse(provinces=messages, next_page_token=next_page_token)

    async def ResolvePlace(self, request: pb.ResolvePlaceRequest, context: object) -> pb.ResolvePlaceResponse:
        if request.HasField("facility_code"):
            code, as_of = old_prefix(request.facility_code), BEFORE_MERGERS
        else:
            code, as_of = request.province_code, day_from_pb("as_of", request.as_of) or clock.today()
        resolved = resolve(code, as_of)
        if resolved is None:
            raise NotFound(reasons.PLACE_NOT_FOUND, code=request.facility_code or request.province_code)
        return pb.ResolvePlaceResponse(
            today=province_to_pb(resolved.today),
            then=province_to_pb(resolved.then),
            outdated=resolved.outdated,
        )
