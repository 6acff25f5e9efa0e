"""The error reasons of identity.lientuyen.  Written by tools/gen.py; do not edit."""

from lientuyen.type.v1.reason import Reason

PERSON_NOT_FOUND = Reason('ERROR_REASON_PERSON_NOT_FOUND', 'identity.lientuyen', 'No such person is known here.', 'Không tìm thấy người bệnh.')
PERSON_AMBIGUOUS = Reason('ERROR_REASON_PERSON_AMBIGUOUS', 'identity.lientuyen', '{count} entries claim this number; they must be merged or corrected first.', 'Có {count} hồ sơ định danh cùng sử dụng số này, cần hợp nhất hoặc đính chính trước.')
CARD_QR_UNREADABLE = Reason('ERROR_REASON_CARD_QR_UNREADABLE', 'identity.lientuyen', "The text is not that of an identity card's QR code.", 'Nội dung mã QR không phải của thẻ căn cước.')
REGISTRATION_INCOMPLETE = Reason('ERROR_REASON_REGISTRATION_INCOMPLETE', 'identity.lientuyen', '{count} field(s) that this kind of registration needs are missing or wrong.', 'Thiếu hoặc sai {count} trường bắt buộc khi đăng ký người bệnh.')
PURPOSE_DENIED = Reason('ERROR_REASON_PURPOSE_DENIED', 'identity.lientuyen', "This caller may not read a person's identity for {purpose}.", 'Đơn vị không được truy cập thông tin định danh cho mục đích {purpose}.')
PERSONS_SAME = Reason('ERROR_REASON_PERSONS_SAME', 'identity.lientuyen', '{name} cannot be merged with itself.', 'Không thể hợp nhất {name} với chính nó.')
PERSON_MERGED = Reason('ERROR_REASON_PERSON_MERGED', 'identity.lientuyen', '{name} is merged already.', 'Hồ sơ {name} đã được hợp nhất.')
MERGE_NOT_FOUND = Reason('ERROR_REASON_MERGE_NOT_FOUND', 'identity.lientuyen', 'No merge in force is named {name}.', 'Không tìm thấy liên kết hợp nhất {name}.')
ETAG_STALE = Reason('ERROR_REASON_ETAG_STALE', 'identity.lientuyen', '{name} has changed since it was read.', '{name} đã thay đổi, vui lòng đọc lại.')
FACILITY_NOT_FOUND = Reason('ERROR_REASON_FACILITY_NOT_FOUND', 'identity.lientuyen', 'No facility is named {name}.', 'Không tìm thấy cơ sở {name} trong danh mục.')
PRACTITIONER_NOT_FOUND = Reason('ERROR_REASON_PRACTITIONER_NOT_FOUND', 'identity.lientuyen', 'No such practitioner is known here.', 'Không tìm thấy người hành nghề.')
CONSENT_NOT_FOUND = Reason('ERROR_REASON_CONSENT_NOT_FOUND', 'identity.lientuyen', 'No consent is named {name}.', 'Không tìm thấy văn bản đồng ý {name}.')
CONSENT_WITHDRAWN = Reason('ERROR_REASON_CONSENT_WITHDRAWN', 'identity.lientuyen', '{name} was withdrawn before.', 'Văn bản đồng ý {name} đã được rút lại trước đó.')
CONSENT_INVALID = Reason('ERROR_REASON_CONSENT_INVALID', 'identity.lientuyen', 'The consent breaks {count} rule(s).', 'Văn bản đồng ý vi phạm {count} quy định.')
CONSENT_GRANTEE_DENIED = Reason('ERROR_REASON_CONSENT_GRANTEE_DENIED', 'identity.lientuyen', 'This caller may not record or withdraw a consent for others.', 'Cơ sở chỉ được ghi nhận hoặc rút văn bản đồng ý của chính mình.')
EMERGENCY_ACCESS_NOT_FOUND = Reason('ERROR_REASON_EMERGENCY_ACCESS_NOT_FOUND', 'identity.lientuyen', 'No emergency access is named {name}.', 'Không tìm thấy lượt truy cập khẩn cấp {name}.')
EMERGENCY_ACCESS_REVIEWED = Reason('ERROR_REASON_EMERGENCY_ACCESS_REVIEWED', 'identity.lientuyen', '{name} was reviewed before.', 'Lượt truy cập khẩn cấp {name} đã được hậu kiểm.')
LOOKUP_LIMIT_REACHED = Reason('ERROR_REASON_LOOKUP_LIMIT_REACHED', 'identity.lientuyen', 'Too many look-ups; try again in {retry_after_seconds} s.', 'Tra cứu quá nhiều, vui lòng thử lại sau {retry_after_seconds} giây.')
