from buf.validate import validate_pb2 as _validate_pb2
from lientuyen.identity.v1 import import_pb2 as _import_pb2
from lientuyen.identity.v1 import person_pb2 as _person_pb2
from lientuyen.type.v1 import access_pb2 as _access_pb2
from lientuyen.type.v1 import date_pb2 as _date_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from lientuyen.type.v1 import text_pb2 as _text_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetPersonRequest(_message.Message):
    __slots__ = ("name", "access")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    name: str
    access: _access_pb2.AccessContext
    def __init__(self, name: _Optional[str] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class GetPersonResponse(_message.Message):
    __slots__ = ("person",)
    PERSON_FIELD_NUMBER: _ClassVar[int]
    person: _person_pb2.Person
    def __init__(self, person: _Optional[_Union[_person_pb2.Person, _Mapping]] = ...) -> None: ...

class FindPersonRequest(_message.Message):
    __slots__ = ("personal_id", "old_id", "social_insurance_number", "card_number", "card_qr", "access", "stated", "facility")
    PERSONAL_ID_FIELD_NUMBER: _ClassVar[int]
    OLD_ID_FIELD_NUMBER: _ClassVar[int]
    SOCIAL_INSURANCE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    CARD_NUMBER_FIELD_NUMBER: _ClassVar[int]
    CARD_QR_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    STATED_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    personal_id: str
    old_id: str
    social_insurance_number: str
    card_number: str
    card_qr: str
    access: _access_pb2.AccessContext
    stated: Demographics
    facility: str
    def __init__(self, personal_id: _Optional[str] = ..., old_id: _Optional[str] = ..., social_insurance_number: _Optional[str] = ..., card_number: _Optional[str] = ..., card_qr: _Optional[str] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ..., stated: _Optional[_Union[Demographics, _Mapping]] = ..., facility: _Optional[str] = ...) -> None: ...

class FindPersonResponse(_message.Message):
    __slots__ = ("person", "identifier_state", "plausibilities", "entry", "agreements")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_STATE_FIELD_NUMBER: _ClassVar[int]
    PLAUSIBILITIES_FIELD_NUMBER: _ClassVar[int]
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    AGREEMENTS_FIELD_NUMBER: _ClassVar[int]
    person: _person_pb2.Person
    identifier_state: _person_pb2.Identifier.State
    plausibilities: _containers.RepeatedCompositeFieldContainer[_person_pb2.Plausibility]
    entry: str
    agreements: _containers.RepeatedCompositeFieldContainer[FieldAgreement]
    def __init__(self, person: _Optional[_Union[_person_pb2.Person, _Mapping]] = ..., identifier_state: _Optional[_Union[_person_pb2.Identifier.State, str]] = ..., plausibilities: _Optional[_Iterable[_Union[_person_pb2.Plausibility, _Mapping]]] = ..., entry: _Optional[str] = ..., agreements: _Optional[_Iterable[_Union[FieldAgreement, _Mapping]]] = ...) -> None: ...

class FieldAgreement(_message.Message):
    __slots__ = ("field", "agrees", "note")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    AGREES_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    field: str
    agrees: bool
    note: str
    def __init__(self, field: _Optional[str] = ..., agrees: _Optional[bool] = ..., note: _Optional[str] = ...) -> None: ...

class Demographics(_message.Message):
    __slots__ = ("full_name", "birth_date", "sex", "address", "phone", "mother_name")
    FULL_NAME_FIELD_NUMBER: _ClassVar[int]
    BIRTH_DATE_FIELD_NUMBER: _ClassVar[int]
    SEX_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    MOTHER_NAME_FIELD_NUMBER: _ClassVar[int]
    full_name: str
    birth_date: _date_pb2.Date
    sex: _person_pb2.Sex
    address: _person_pb2.Address
    phone: str
    mother_name: str
    def __init__(self, full_name: _Optional[str] = ..., birth_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., sex: _Optional[_Union[_person_pb2.Sex, str]] = ..., address: _Optional[_Union[_person_pb2.Address, _Mapping]] = ..., phone: _Optional[str] = ..., mother_name: _Optional[str] = ...) -> None: ...

class MatchPersonsRequest(_message.Message):
    __slots__ = ("demographics", "max_candidates", "min_score", "access")
    DEMOGRAPHICS_FIELD_NUMBER: _ClassVar[int]
    MAX_CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    MIN_SCORE_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    demographics: Demographics
    max_candidates: int
    min_score: float
    access: _access_pb2.AccessContext
    def __init__(self, demographics: _Optional[_Union[Demographics, _Mapping]] = ..., max_candidates: _Optional[int] = ..., min_score: _Optional[float] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class MatchPersonsResponse(_message.Message):
    __slots__ = ("candidates",)
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    candidates: _containers.RepeatedCompositeFieldContainer[Candidate]
    def __init__(self, candidates: _Optional[_Iterable[_Union[Candidate, _Mapping]]] = ...) -> None: ...

class Candidate(_message.Message):
    __slots__ = ("person", "score", "weights")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    WEIGHTS_FIELD_NUMBER: _ClassVar[int]
    person: _person_pb2.Person
    score: float
    weights: _containers.RepeatedCompositeFieldContainer[FieldWeight]
    def __init__(self, person: _Optional[_Union[_person_pb2.Person, _Mapping]] = ..., score: _Optional[float] = ..., weights: _Optional[_Iterable[_Union[FieldWeight, _Mapping]]] = ...) -> None: ...

class FieldWeight(_message.Message):
    __slots__ = ("field", "weight", "agreement", "note")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    AGREEMENT_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    field: str
    weight: float
    agreement: float
    note: str
    def __init__(self, field: _Optional[str] = ..., weight: _Optional[float] = ..., agreement: _Optional[float] = ..., note: _Optional[str] = ...) -> None: ...

class RegisterPersonRequest(_message.Message):
    __slots__ = ("request_id", "facility", "kind", "full_name", "birth_date", "birth_time", "sex", "nationality", "passport_number", "birth_certificate_number", "mother", "address", "access")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[RegisterPersonRequest.Kind]
        KIND_NEWBORN: _ClassVar[RegisterPersonRequest.Kind]
        KIND_UNKNOWN: _ClassVar[RegisterPersonRequest.Kind]
        KIND_FOREIGNER: _ClassVar[RegisterPersonRequest.Kind]
    KIND_UNSPECIFIED: RegisterPersonRequest.Kind
    KIND_NEWBORN: RegisterPersonRequest.Kind
    KIND_UNKNOWN: RegisterPersonRequest.Kind
    KIND_FOREIGNER: RegisterPersonRequest.Kind
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    FULL_NAME_FIELD_NUMBER: _ClassVar[int]
    BIRTH_DATE_FIELD_NUMBER: _ClassVar[int]
    BIRTH_TIME_FIELD_NUMBER: _ClassVar[int]
    SEX_FIELD_NUMBER: _ClassVar[int]
    NATIONALITY_FIELD_NUMBER: _ClassVar[int]
    PASSPORT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    BIRTH_CERTIFICATE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    MOTHER_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    facility: str
    kind: RegisterPersonRequest.Kind
    full_name: str
    birth_date: _date_pb2.Date
    birth_time: str
    sex: _person_pb2.Sex
    nationality: str
    passport_number: str
    birth_certificate_number: str
    mother: str
    address: _person_pb2.Address
    access: _access_pb2.AccessContext
    def __init__(self, request_id: _Optional[str] = ..., facility: _Optional[str] = ..., kind: _Optional[_Union[RegisterPersonRequest.Kind, str]] = ..., full_name: _Optional[str] = ..., birth_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., birth_time: _Optional[str] = ..., sex: _Optional[_Union[_person_pb2.Sex, str]] = ..., nationality: _Optional[str] = ..., passport_number: _Optional[str] = ..., birth_certificate_number: _Optional[str] = ..., mother: _Optional[str] = ..., address: _Optional[_Union[_person_pb2.Address, _Mapping]] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class RegisterPersonResponse(_message.Message):
    __slots__ = ("person", "plausibilities")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    PLAUSIBILITIES_FIELD_NUMBER: _ClassVar[int]
    person: _person_pb2.Person
    plausibilities: _containers.RepeatedCompositeFieldContainer[_person_pb2.Plausibility]
    def __init__(self, person: _Optional[_Union[_person_pb2.Person, _Mapping]] = ..., plausibilities: _Optional[_Iterable[_Union[_person_pb2.Plausibility, _Mapping]]] = ...) -> None: ...

class MergePersonsRequest(_message.Message):
    __slots__ = ("request_id", "loser", "winner", "loser_etag", "winner_etag", "reason")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    LOSER_FIELD_NUMBER: _ClassVar[int]
    WINNER_FIELD_NUMBER: _ClassVar[int]
    LOSER_ETAG_FIELD_NUMBER: _ClassVar[int]
    WINNER_ETAG_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    loser: str
    winner: str
    loser_etag: str
    winner_etag: str
    reason: str
    def __init__(self, request_id: _Optional[str] = ..., loser: _Optional[str] = ..., winner: _Optional[str] = ..., loser_etag: _Optional[str] = ..., winner_etag: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class MergePersonsResponse(_message.Message):
    __slots__ = ("merge", "person")
    MERGE_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    merge: _person_pb2.Merge
    person: _person_pb2.Person
    def __init__(self, merge: _Optional[_Union[_person_pb2.Merge, _Mapping]] = ..., person: _Optional[_Union[_person_pb2.Person, _Mapping]] = ...) -> None: ...

class UnmergePersonsRequest(_message.Message):
    __slots__ = ("request_id", "name", "reason")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    name: str
    reason: str
    def __init__(self, request_id: _Optional[str] = ..., name: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class UnmergePersonsResponse(_message.Message):
    __slots__ = ("merge", "person")
    MERGE_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    merge: _person_pb2.Merge
    person: _person_pb2.Person
    def __init__(self, merge: _Optional[_Union[_person_pb2.Merge, _Mapping]] = ..., person: _Optional[_Union[_person_pb2.Person, _Mapping]] = ...) -> None: ...

class ListMergesRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "standing_only", "access")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    STANDING_ONLY_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    standing_only: bool
    access: _access_pb2.AccessContext
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., standing_only: _Optional[bool] = ..., access: _Optional[_Union[_access_pb2.AccessContext, _Mapping]] = ...) -> None: ...

class ListMergesResponse(_message.Message):
    __slots__ = ("merges", "next_page_token")
    MERGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    merges: _containers.RepeatedCompositeFieldContainer[_person_pb2.Merge]
    next_page_token: str
    def __init__(self, merges: _Optional[_Iterable[_Union[_person_pb2.Merge, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ResolvePersonRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ResolvePersonResponse(_message.Message):
    __slots__ = ("persons",)
    PERSONS_FIELD_NUMBER: _ClassVar[int]
    persons: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, persons: _Optional[_Iterable[str]] = ...) -> None: ...

class ImportPersonsRequest(_message.Message):
    __slots__ = ("request_id", "first_row", "rows")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    FIRST_ROW_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    first_row: int
    rows: _containers.RepeatedCompositeFieldContainer[PersonRow]
    def __init__(self, request_id: _Optional[str] = ..., first_row: _Optional[int] = ..., rows: _Optional[_Iterable[_Union[PersonRow, _Mapping]]] = ...) -> None: ...

class PersonRow(_message.Message):
    __slots__ = ("source_key", "personal_id", "old_id", "social_insurance_number", "full_name", "birth_date", "sex", "nationality", "ethnicity", "address", "phone", "deceased", "identifiers")
    SOURCE_KEY_FIELD_NUMBER: _ClassVar[int]
    PERSONAL_ID_FIELD_NUMBER: _ClassVar[int]
    OLD_ID_FIELD_NUMBER: _ClassVar[int]
    SOCIAL_INSURANCE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    FULL_NAME_FIELD_NUMBER: _ClassVar[int]
    BIRTH_DATE_FIELD_NUMBER: _ClassVar[int]
    SEX_FIELD_NUMBER: _ClassVar[int]
    NATIONALITY_FIELD_NUMBER: _ClassVar[int]
    ETHNICITY_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    DECEASED_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    source_key: str
    personal_id: str
    old_id: str
    social_insurance_number: str
    full_name: str
    birth_date: _date_pb2.Date
    sex: _person_pb2.Sex
    nationality: str
    ethnicity: str
    address: _person_pb2.Address
    phone: str
    deceased: bool
    identifiers: _containers.RepeatedCompositeFieldContainer[IdentifierRow]
    def __init__(self, source_key: _Optional[str] = ..., personal_id: _Optional[str] = ..., old_id: _Optional[str] = ..., social_insurance_number: _Optional[str] = ..., full_name: _Optional[str] = ..., birth_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., sex: _Optional[_Union[_person_pb2.Sex, str]] = ..., nationality: _Optional[str] = ..., ethnicity: _Optional[str] = ..., address: _Optional[_Union[_person_pb2.Address, _Mapping]] = ..., phone: _Optional[str] = ..., deceased: _Optional[bool] = ..., identifiers: _Optional[_Iterable[_Union[IdentifierRow, _Mapping]]] = ...) -> None: ...

class IdentifierRow(_message.Message):
    __slots__ = ("kind", "value", "state", "valid_from", "valid_to", "country")
    KIND_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_FIELD_NUMBER: _ClassVar[int]
    VALID_TO_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    kind: _person_pb2.Identifier.Kind
    value: str
    state: _person_pb2.Identifier.State
    valid_from: _date_pb2.Date
    valid_to: _date_pb2.Date
    country: str
    def __init__(self, kind: _Optional[_Union[_person_pb2.Identifier.Kind, str]] = ..., value: _Optional[str] = ..., state: _Optional[_Union[_person_pb2.Identifier.State, str]] = ..., valid_from: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., valid_to: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., country: _Optional[str] = ...) -> None: ...

class ImportPersonsResponse(_message.Message):
    __slots__ = ("progress",)
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    progress: _import_pb2.ImportProgress
    def __init__(self, progress: _Optional[_Union[_import_pb2.ImportProgress, _Mapping]] = ...) -> None: ...
