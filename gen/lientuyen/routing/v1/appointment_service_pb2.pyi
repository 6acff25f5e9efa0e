from buf.validate import validate_pb2 as _validate_pb2
from lientuyen.routing.v1 import appointment_pb2 as _appointment_pb2
from lientuyen.type.v1 import access_pb2 as _access_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateAppointmentRequest(_message.Message):
    __slots__ = ("request_id", "appointment")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    APPOINTMENT_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    appointment: _appointment_pb2.Appointment
    def __init__(self, request_id: _Optional[str] = ..., appointment: _Optional[_Union[_appointment_pb2.Appointment, _Mapping]] = ...) -> None: ...

class CreateAppointmentResponse(_message.Message):
    __slots__ = ("appointment",)
    APPOINTMENT_FIELD_NUMBER: _ClassVar[int]
    appointment: _appointment_pb2.Appointment
    def __init__(self, appointment: _Optional[_Union[_appointment_pb2.Appointment, _Mapping]] = ...) -> None: ...

class ValidateAppointmentRequest(_message.Message):
    __slots__ = ("appointment",)
    APPOINTMENT_FIELD_NUMBER: _ClassVar[int]
    appointment: _appointment_pb2.Appointment
    def __init__(self, appointment: _Optional[_Union[_appointment_pb2.Appointment, _Mapping]] = ...) -> None: ...

class ValidateAppointmentResponse(_message.Message):
    __slots__ = ("replaces", "ended")
    REPLACES_FIELD_NUMBER: _ClassVar[int]
    ENDED_FIELD_NUMBER: _ClassVar[int]
    replaces: str
    ended: str
    def __init__(self, replaces: _Optional[str] = ..., ended: _Optional[str] = ...) -> None: ...

class UseAppointmentRequest(_message.Message):
    __slots__ = ("request_id", "name")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    name: str
    def __init__(self, request_id: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class UseAppointmentResponse(_message.Message):
    __slots__ = ("appointment",)
    APPOINTMENT_FIELD_NUMBER: _ClassVar[int]
    appointment: _appointment_pb2.Appointment
    def __init__(self, appointment: _Optional[_Union[_appointment_pb2.Appointment, _Mapping]] = ...) -> None: ...

class CancelAppointmentRequest(_message.Message):
    __slots__ = ("request_id", "name", "source_slip", "facility")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SOURCE_SLIP_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    name: str
    source_slip: str
    facility: str
    def __init__(self, request_id: _Optional[str] = ..., name: _Optional[str] = ..., source_slip: _Optional[str] = ..., facility: _Optional[str] = ...) -> None: ...

class CancelAppointmentResponse(_message.Message):
    __slots__ = ("appointment",)
    APPOINTMENT_FIELD_NUMBER: _ClassVar[int]
    appointment: _appointment_pb2.Appointment
    def __init__(self, appointment: _Optional[_Union[_appointment_pb2.Appointment, _Mapping]] = ...) -> None: ...

class GetAppointmentRequest(_message.Message):
    __slots__ = ("name", "access")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    name: str
    access: _access_pb2.AccessContext
    def __init__(self, name: _Optional[str] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class GetAppointmentResponse(_message.Message):
    __slots__ = ("appointment",)
    APPOINTMENT_FIELD_NUMBER: _ClassVar[int]
    appointment: _appointment_pb2.Appointment
    def __init__(self, appointment: _Optional[_Union[_appointment_pb2.Appointment, _Mapping]] = ...) -> None: ...

class ListAppointmentsRequest(_message.Message):
    __slots__ = ("person", "facility", "state", "page_size", "page_token", "access")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    person: str
    facility: str
    state: _appointment_pb2.Appointment.State
    page_size: int
    page_token: str
    access: _access_pb2.AccessContext
    def __init__(self, person: _Optional[str] = ..., facility: _Optional[str] = ..., state: _Optional[_Union[_appointment_pb2.Appointment.State, str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class ListAppointmentsResponse(_message.Message):
    __slots__ = ("appointments", "next_page_token", "unreachable")
    APPOINTMENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    UNREACHABLE_FIELD_NUMBER: _ClassVar[int]
    appointments: _containers.RepeatedCompositeFieldContainer[_appointment_pb2.Appointment]
    next_page_token: str
    unreachable: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, appointments: _Optional[_Iterable[_Union[_appointment_pb2.Appointment, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., unreachable: _Optional[_Iterable[str]] = ...) -> None: ...
