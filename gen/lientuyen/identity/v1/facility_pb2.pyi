import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lientuyen.type.v1 import date_pb2 as _date_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Facility(_message.Message):
    __slots__ = ("name", "code", "gln", "display_name", "kind", "level", "points", "node", "former_line", "state", "address_line", "commune_code", "province_code", "open_date", "close_date", "certificates", "mailbox_policy", "update_time", "etag", "initial_care", "provisionally_ranked", "unsigned_until", "laboratory_recognitions")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[Facility.Kind]
        KIND_HOSPITAL: _ClassVar[Facility.Kind]
        KIND_HEALTH_CENTRE: _ClassVar[Facility.Kind]
        KIND_COMMUNE_STATION: _ClassVar[Facility.Kind]
        KIND_POLYCLINIC: _ClassVar[Facility.Kind]
        KIND_CLINIC: _ClassVar[Facility.Kind]
        KIND_MATERNITY_HOME: _ClassVar[Facility.Kind]
        KIND_PHARMACY: _ClassVar[Facility.Kind]
        KIND_DIAGNOSTIC_CENTRE: _ClassVar[Facility.Kind]
        KIND_VACCINATION_POINT: _ClassVar[Facility.Kind]
    KIND_UNSPECIFIED: Facility.Kind
    KIND_HOSPITAL: Facility.Kind
    KIND_HEALTH_CENTRE: Facility.Kind
    KIND_COMMUNE_STATION: Facility.Kind
    KIND_POLYCLINIC: Facility.Kind
    KIND_CLINIC: Facility.Kind
    KIND_MATERNITY_HOME: Facility.Kind
    KIND_PHARMACY: Facility.Kind
    KIND_DIAGNOSTIC_CENTRE: Facility.Kind
    KIND_VACCINATION_POINT: Facility.Kind
    class Level(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        LEVEL_UNSPECIFIED: _ClassVar[Facility.Level]
        LEVEL_INITIAL: _ClassVar[Facility.Level]
        LEVEL_BASIC: _ClassVar[Facility.Level]
        LEVEL_SPECIALISED: _ClassVar[Facility.Level]
    LEVEL_UNSPECIFIED: Facility.Level
    LEVEL_INITIAL: Facility.Level
    LEVEL_BASIC: Facility.Level
    LEVEL_SPECIALISED: Facility.Level
    class FormerLine(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        FORMER_LINE_UNSPECIFIED: _ClassVar[Facility.FormerLine]
        FORMER_LINE_CENTRAL: _ClassVar[Facility.FormerLine]
        FORMER_LINE_PROVINCIAL: _ClassVar[Facility.FormerLine]
        FORMER_LINE_DISTRICT: _ClassVar[Facility.FormerLine]
        FORMER_LINE_COMMUNE: _ClassVar[Facility.FormerLine]
        FORMER_LINE_NONE: _ClassVar[Facility.FormerLine]
    FORMER_LINE_UNSPECIFIED: Facility.FormerLine
    FORMER_LINE_CENTRAL: Facility.FormerLine
    FORMER_LINE_PROVINCIAL: Facility.FormerLine
    FORMER_LINE_DISTRICT: Facility.FormerLine
    FORMER_LINE_COMMUNE: Facility.FormerLine
    FORMER_LINE_NONE: Facility.FormerLine
    class InitialCare(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        INITIAL_CARE_UNSPECIFIED: _ClassVar[Facility.InitialCare]
        INITIAL_CARE_COMMUNE_STATION: _ClassVar[Facility.InitialCare]
        INITIAL_CARE_FAMILY_MEDICINE: _ClassVar[Facility.InitialCare]
        INITIAL_CARE_ARMY_CIVIL: _ClassVar[Facility.InitialCare]
        INITIAL_CARE_HEALTH_CENTRE_CLINIC: _ClassVar[Facility.InitialCare]
        INITIAL_CARE_WORKPLACE: _ClassVar[Facility.InitialCare]
        INITIAL_CARE_ARMY_POLICE: _ClassVar[Facility.InitialCare]
        INITIAL_CARE_OTHER: _ClassVar[Facility.InitialCare]
    INITIAL_CARE_UNSPECIFIED: Facility.InitialCare
    INITIAL_CARE_COMMUNE_STATION: Facility.InitialCare
    INITIAL_CARE_FAMILY_MEDICINE: Facility.InitialCare
    INITIAL_CARE_ARMY_CIVIL: Facility.InitialCare
    INITIAL_CARE_HEALTH_CENTRE_CLINIC: Facility.InitialCare
    INITIAL_CARE_WORKPLACE: Facility.InitialCare
    INITIAL_CARE_ARMY_POLICE: Facility.InitialCare
    INITIAL_CARE_OTHER: Facility.InitialCare
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Facility.State]
        STATE_ACTIVE: _ClassVar[Facility.State]
        STATE_SUSPENDED: _ClassVar[Facility.State]
        STATE_CLOSED: _ClassVar[Facility.State]
    STATE_UNSPECIFIED: Facility.State
    STATE_ACTIVE: Facility.State
    STATE_SUSPENDED: Facility.State
    STATE_CLOSED: Facility.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    GLN_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    FORMER_LINE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_LINE_FIELD_NUMBER: _ClassVar[int]
    COMMUNE_CODE_FIELD_NUMBER: _ClassVar[int]
    PROVINCE_CODE_FIELD_NUMBER: _ClassVar[int]
    OPEN_DATE_FIELD_NUMBER: _ClassVar[int]
    CLOSE_DATE_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATES_FIELD_NUMBER: _ClassVar[int]
    MAILBOX_POLICY_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    INITIAL_CARE_FIELD_NUMBER: _ClassVar[int]
    PROVISIONALLY_RANKED_FIELD_NUMBER: _ClassVar[int]
    UNSIGNED_UNTIL_FIELD_NUMBER: _ClassVar[int]
    LABORATORY_RECOGNITIONS_FIELD_NUMBER: _ClassVar[int]
    name: str
    code: str
    gln: str
    display_name: str
    kind: Facility.Kind
    level: Facility.Level
    points: int
    node: str
    former_line: Facility.FormerLine
    state: Facility.State
    address_line: str
    commune_code: str
    province_code: str
    open_date: _date_pb2.Date
    close_date: _date_pb2.Date
    certificates: _containers.RepeatedCompositeFieldContainer[FacilityCertificate]
    mailbox_policy: MailboxPolicy
    update_time: _timestamp_pb2.Timestamp
    etag: str
    initial_care: Facility.InitialCare
    provisionally_ranked: bool
    unsigned_until: _date_pb2.Date
    laboratory_recognitions: _containers.RepeatedCompositeFieldContainer[LaboratoryRecognition]
    def __init__(self, name: _Optional[str] = ..., code: _Optional[str] = ..., gln: _Optional[str] = ..., display_name: _Optional[str] = ..., kind: _Optional[_Union[Facility.Kind, str]] = ..., level: _Optional[_Union[Facility.Level, str]] = ..., points: _Optional[int] = ..., node: _Optional[str] = ..., former_line: _Optional[_Union[Facility.FormerLine, str]] = ..., state: _Optional[_Union[Facility.State, str]] = ..., address_line: _Optional[str] = ..., commune_code: _Optional[str] = ..., province_code: _Optional[str] = ..., open_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., close_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., certificates: _Optional[_Iterable[_Union[FacilityCertificate, _Mapping]]] = ..., mailbox_policy: _Optional[_Union[MailboxPolicy, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ..., initial_care: _Optional[_Union[Facility.InitialCare, str]] = ..., provisionally_ranked: _Optional[bool] = ..., unsigned_until: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., laboratory_recognitions: _Optional[_Iterable[_Union[LaboratoryRecognition, _Mapping]]] = ...) -> None: ...

class LaboratoryRecognition(_message.Message):
    __slots__ = ("scheme", "level", "service_prefixes", "valid_from", "valid_to")
    class Scheme(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        SCHEME_UNSPECIFIED: _ClassVar[LaboratoryRecognition.Scheme]
        SCHEME_QUALITY_LEVEL: _ClassVar[LaboratoryRecognition.Scheme]
        SCHEME_ISO_15189: _ClassVar[LaboratoryRecognition.Scheme]
    SCHEME_UNSPECIFIED: LaboratoryRecognition.Scheme
    SCHEME_QUALITY_LEVEL: LaboratoryRecognition.Scheme
    SCHEME_ISO_15189: LaboratoryRecognition.Scheme
    SCHEME_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    SERVICE_PREFIXES_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_FIELD_NUMBER: _ClassVar[int]
    VALID_TO_FIELD_NUMBER: _ClassVar[int]
    scheme: LaboratoryRecognition.Scheme
    level: int
    service_prefixes: _containers.RepeatedScalarFieldContainer[str]
    valid_from: _date_pb2.Date
    valid_to: _date_pb2.Date
    def __init__(self, scheme: _Optional[_Union[LaboratoryRecognition.Scheme, str]] = ..., level: _Optional[int] = ..., service_prefixes: _Optional[_Iterable[str]] = ..., valid_from: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., valid_to: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class FacilityCertificate(_message.Message):
    __slots__ = ("use", "sha256", "der", "valid_from_time", "valid_to_time", "revoke_time")
    class Use(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        USE_UNSPECIFIED: _ClassVar[FacilityCertificate.Use]
        USE_CLIENT: _ClassVar[FacilityCertificate.Use]
        USE_SIGNING: _ClassVar[FacilityCertificate.Use]
    USE_UNSPECIFIED: FacilityCertificate.Use
    USE_CLIENT: FacilityCertificate.Use
    USE_SIGNING: FacilityCertificate.Use
    USE_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    DER_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_TIME_FIELD_NUMBER: _ClassVar[int]
    VALID_TO_TIME_FIELD_NUMBER: _ClassVar[int]
    REVOKE_TIME_FIELD_NUMBER: _ClassVar[int]
    use: FacilityCertificate.Use
    sha256: str
    der: bytes
    valid_from_time: _timestamp_pb2.Timestamp
    valid_to_time: _timestamp_pb2.Timestamp
    revoke_time: _timestamp_pb2.Timestamp
    def __init__(self, use: _Optional[_Union[FacilityCertificate.Use, str]] = ..., sha256: _Optional[str] = ..., der: _Optional[bytes] = ..., valid_from_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., valid_to_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., revoke_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class MailboxPolicy(_message.Message):
    __slots__ = ("max_waiting", "keep_days")
    MAX_WAITING_FIELD_NUMBER: _ClassVar[int]
    KEEP_DAYS_FIELD_NUMBER: _ClassVar[int]
    max_waiting: int
    keep_days: int
    def __init__(self, max_waiting: _Optional[int] = ..., keep_days: _Optional[int] = ...) -> None: ...
