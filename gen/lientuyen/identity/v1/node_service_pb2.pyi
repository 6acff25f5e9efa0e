from buf.validate import validate_pb2 as _validate_pb2
from lientuyen.identity.v1 import node_pb2 as _node_pb2
from lientuyen.type.v1 import facility_node_pb2 as _facility_node_pb2
from lientuyen.type.v1 import resource_pb2 as _resource_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RegisterNodeRequest(_message.Message):
    __slots__ = ("request_id", "node")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    node: _node_pb2.Node
    def __init__(self, request_id: _Optional[str] = ..., node: _Optional[_Union[_node_pb2.Node, _Mapping]] = ...) -> None: ...

class RegisterNodeResponse(_message.Message):
    __slots__ = ("node",)
    NODE_FIELD_NUMBER: _ClassVar[int]
    node: _node_pb2.Node
    def __init__(self, node: _Optional[_Union[_node_pb2.Node, _Mapping]] = ...) -> None: ...

class UpdateNodeRequest(_message.Message):
    __slots__ = ("request_id", "node")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    node: _node_pb2.Node
    def __init__(self, request_id: _Optional[str] = ..., node: _Optional[_Union[_node_pb2.Node, _Mapping]] = ...) -> None: ...

class UpdateNodeResponse(_message.Message):
    __slots__ = ("node",)
    NODE_FIELD_NUMBER: _ClassVar[int]
    node: _node_pb2.Node
    def __init__(self, node: _Optional[_Union[_node_pb2.Node, _Mapping]] = ...) -> None: ...

class GetNodeRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetNodeResponse(_message.Message):
    __slots__ = ("node",)
    NODE_FIELD_NUMBER: _ClassVar[int]
    node: _node_pb2.Node
    def __init__(self, node: _Optional[_Union[_node_pb2.Node, _Mapping]] = ...) -> None: ...

class ListNodesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListNodesResponse(_message.Message):
    __slots__ = ("nodes", "next_page_token")
    NODES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    nodes: _containers.RepeatedCompositeFieldContainer[_node_pb2.Node]
    next_page_token: str
    def __init__(self, nodes: _Optional[_Iterable[_Union[_node_pb2.Node, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class MoveFacilityRequest(_message.Message):
    __slots__ = ("request_id", "facility", "node")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    FACILITY_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    facility: str
    node: str
    def __init__(self, request_id: _Optional[str] = ..., facility: _Optional[str] = ..., node: _Optional[str] = ...) -> None: ...

class MoveFacilityResponse(_message.Message):
    __slots__ = ("facility_node",)
    FACILITY_NODE_FIELD_NUMBER: _ClassVar[int]
    facility_node: _facility_node_pb2.FacilityNode
    def __init__(self, facility_node: _Optional[_Union[_facility_node_pb2.FacilityNode, _Mapping]] = ...) -> None: ...

class ListFacilityNodesRequest(_message.Message):
    __slots__ = ("after_sequence", "page_size", "page_token")
    AFTER_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    after_sequence: int
    page_size: int
    page_token: str
    def __init__(self, after_sequence: _Optional[int] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListFacilityNodesResponse(_message.Message):
    __slots__ = ("facility_nodes", "next_page_token")
    FACILITY_NODES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    facility_nodes: _containers.RepeatedCompositeFieldContainer[_facility_node_pb2.FacilityNode]
    next_page_token: str
    def __init__(self, facility_nodes: _Optional[_Iterable[_Union[_facility_node_pb2.FacilityNode, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class AcceptFacilityNodesRequest(_message.Message):
    __slots__ = ("request_id", "facility_nodes")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    FACILITY_NODES_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    facility_nodes: _containers.RepeatedCompositeFieldContainer[_facility_node_pb2.FacilityNode]
    def __init__(self, request_id: _Optional[str] = ..., facility_nodes: _Optional[_Iterable[_Union[_facility_node_pb2.FacilityNode, _Mapping]]] = ...) -> None: ...

class AcceptFacilityNodesResponse(_message.Message):
    __slots__ = ("outcomes",)
    class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        OUTCOME_UNSPECIFIED: _ClassVar[AcceptFacilityNodesResponse.Outcome]
        OUTCOME_ACCEPTED: _ClassVar[AcceptFacilityNodesResponse.Outcome]
        OUTCOME_KNOWN: _ClassVar[AcceptFacilityNodesResponse.Outcome]
        OUTCOME_UNPROVEN: _ClassVar[AcceptFacilityNodesResponse.Outcome]
        OUTCOME_NOT_RELEASED: _ClassVar[AcceptFacilityNodesResponse.Outcome]
        OUTCOME_EARLY: _ClassVar[AcceptFacilityNodesResponse.Outcome]
    OUTCOME_UNSPECIFIED: AcceptFacilityNodesResponse.Outcome
    OUTCOME_ACCEPTED: AcceptFacilityNodesResponse.Outcome
    OUTCOME_KNOWN: AcceptFacilityNodesResponse.Outcome
    OUTCOME_UNPROVEN: AcceptFacilityNodesResponse.Outcome
    OUTCOME_NOT_RELEASED: AcceptFacilityNodesResponse.Outcome
    OUTCOME_EARLY: AcceptFacilityNodesResponse.Outcome
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedScalarFieldContainer[AcceptFacilityNodesResponse.Outcome]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[AcceptFacilityNodesResponse.Outcome, str]]] = ...) -> None: ...
