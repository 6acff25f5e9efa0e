"""The error reasons of chassis.lientuyen.  Written by tools/gen.py; do not edit."""

from lientuyen.type.v1.reason import Reason

FIELDS_INVALID = Reason('ERROR_REASON_FIELDS_INVALID', 'chassis.lientuyen', '{count} field(s) of the request break a rule of the contract.', 'Yêu cầu có {count} trường không hợp lệ.')
CALLER_UNKNOWN = Reason('ERROR_REASON_CALLER_UNKNOWN', 'chassis.lientuyen', 'The certificate names no caller of this trust domain.', 'Chứng thư số không thuộc hệ thống này.')
METHOD_DENIED = Reason('ERROR_REASON_METHOD_DENIED', 'chassis.lientuyen', 'This caller may not call {method}.', 'Đơn vị không có quyền gọi {method}.')
FACILITY_MISMATCH = Reason('ERROR_REASON_FACILITY_MISMATCH', 'chassis.lientuyen', 'The request declares {declared} in {field}, but the certificate belongs to another facility.', 'Cơ sở khai báo {declared} tại {field} không khớp với chứng thư số của bên gửi.')
REQUEST_ID_REUSED = Reason('ERROR_REASON_REQUEST_ID_REUSED', 'chassis.lientuyen', 'request_id {request_id} was used for another request.', 'Mã yêu cầu {request_id} đã được dùng cho một yêu cầu khác.')
PAGE_TOKEN_INVALID = Reason('ERROR_REASON_PAGE_TOKEN_INVALID', 'chassis.lientuyen', 'The page token does not belong to this list with these arguments.', 'Mã trang không thuộc danh sách này.')
DEADLINE_SPENT = Reason('ERROR_REASON_DEADLINE_SPENT', 'chassis.lientuyen', 'The deadline was spent before the work was done.', 'Hết thời gian chờ trước khi xử lý xong.')
PEER_UNAVAILABLE = Reason('ERROR_REASON_PEER_UNAVAILABLE', 'chassis.lientuyen', '{peer} did not answer.', 'Dịch vụ {peer} không phản hồi.')
STORE_UNAVAILABLE = Reason('ERROR_REASON_STORE_UNAVAILABLE', 'chassis.lientuyen', 'The store did not answer.', 'Cơ sở dữ liệu không phản hồi.')
METHOD_UNBUILT = Reason('ERROR_REASON_METHOD_UNBUILT', 'chassis.lientuyen', '{method} is not built yet.', 'Chức năng {method} chưa được xây dựng.')
INTERNAL = Reason('ERROR_REASON_INTERNAL', 'chassis.lientuyen', 'internal error', 'Lỗi hệ thống. Mã vết: {trace_id}.')
DRAINING = Reason('ERROR_REASON_DRAINING', 'chassis.lientuyen', 'The service is stopping; try again.', 'Dịch vụ đang dừng, vui lòng thử lại.')
WRITE_CONFLICT = Reason('ERROR_REASON_WRITE_CONFLICT', 'chassis.lientuyen', 'Another write came first; read again and retry.', 'Dữ liệu vừa được thay đổi, vui lòng đọc lại và thử lại.')
GROUND_DENIED = Reason('ERROR_REASON_GROUND_DENIED', 'chassis.lientuyen', 'This caller cannot ask on the ground {basis} for {purpose}; an emergency needs a reason.', 'Cơ sở không được nêu căn cứ {basis} cho mục đích {purpose}; cấp cứu phải nêu lý do.')
METHOD_UNKNOWN = Reason('ERROR_REASON_METHOD_UNKNOWN', 'chassis.lientuyen', 'This service has no method {method}.', 'Dịch vụ không có chức năng {method}.')
REQUEST_TOO_LARGE = Reason('ERROR_REASON_REQUEST_TOO_LARGE', 'chassis.lientuyen', 'The request has {size_bytes} bytes; this service takes {limit_bytes}.', 'Yêu cầu dài {size_bytes} byte, vượt quá giới hạn {limit_bytes} byte.')
EVENT_NOT_FOUND = Reason('ERROR_REASON_EVENT_NOT_FOUND', 'chassis.lientuyen', 'The outbox holds no {name}.', 'Không tìm thấy sự kiện {name}.')
EVENT_STATE = Reason('ERROR_REASON_EVENT_STATE', 'chassis.lientuyen', '{name} is {state}.', 'Sự kiện {name} đang ở trạng thái {state}.')
TOO_MANY_CALLS = Reason('ERROR_REASON_TOO_MANY_CALLS', 'chassis.lientuyen', 'Too many calls at once ({limit}); send fewer, and try again in {retry_after_seconds} s.', 'Cơ sở đang gửi quá nhiều yêu cầu cùng lúc, vui lòng thử lại sau {retry_after_seconds} giây.')
