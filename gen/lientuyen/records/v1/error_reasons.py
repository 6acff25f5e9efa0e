"""The error reasons of records.lientuyen.  Written by tools/gen.py; do not edit."""

from lientuyen.type.v1.reason import Reason

DOSSIER_REFUSED = Reason('ERROR_REASON_DOSSIER_REFUSED', 'records.lientuyen', 'The file was refused: {count} fault(s).  Nothing of it was kept.', 'Hồ sơ bị từ chối vì có {count} lỗi.  Không có dữ liệu nào được lưu.')
DOSSIER_NOT_FOUND = Reason('ERROR_REASON_DOSSIER_NOT_FOUND', 'records.lientuyen', 'No dossier is named {name}.', 'Không tìm thấy hồ sơ {name}.')
SIGNATURE_INVALID = Reason('ERROR_REASON_SIGNATURE_INVALID', 'records.lientuyen', "The facility's signature does not verify ({cause}).", 'Chữ ký số của đơn vị không hợp lệ ({cause}).')
SIGNER_MISMATCH = Reason('ERROR_REASON_SIGNER_MISMATCH', 'records.lientuyen', 'The file declares facility {declared}, but {signer} signed it.', 'Hồ sơ của cơ sở {declared} nhưng được ký bởi {signer}.')
ACCESS_DENIED = Reason('ERROR_REASON_ACCESS_DENIED', 'records.lientuyen', 'Permission to read these records is denied ({decision}).', 'Không được phép xem hồ sơ này ({decision}).')
DOSSIER_STATE = Reason('ERROR_REASON_DOSSIER_STATE', 'records.lientuyen', '{name} is {state}; this cannot be done any more.', 'Hồ sơ {name} đang ở trạng thái {state}, không thể thực hiện thao tác này.')
ETAG_STALE = Reason('ERROR_REASON_ETAG_STALE', 'records.lientuyen', '{name} was changed since it was read.', '{name} đã được thay đổi kể từ lần đọc trước.')
HEALTH_CHECK_REFUSED = Reason('ERROR_REASON_HEALTH_CHECK_REFUSED', 'records.lientuyen', 'The health check was refused: {count} fault(s).', 'Phiếu khám sức khỏe bị từ chối vì có {count} lỗi.')
NAME_INVALID = Reason('ERROR_REASON_NAME_INVALID', 'records.lientuyen', '{field} does not hold a resource name of the right kind.', 'Trường {field} không phải là tên tài nguyên hợp lệ.')
DOSSIER_DENIED = Reason('ERROR_REASON_DOSSIER_DENIED', 'records.lientuyen', 'Permission to read {name} is denied (or it might not exist).', 'Không được phép xem {name} (hoặc hồ sơ không tồn tại).')
REPLACEMENT_UNCONFIRMED = Reason('ERROR_REASON_REPLACEMENT_UNCONFIRMED', 'records.lientuyen', 'The file changes the person of version {version}, or drops its signature; confirm with replaces_version {version}.', 'Hồ sơ đổi người bệnh hoặc bỏ chữ ký số so với phiên bản {version}; nếu đúng, gửi lại kèm replaces_version {version}.')
VERSION_STALE = Reason('ERROR_REASON_VERSION_STALE', 'records.lientuyen', 'Version {version} stands, not {replaces_version}; read it again.', 'Phiên bản đang có hiệu lực là {version}, không phải {replaces_version}; vui lòng đọc lại.')
DOCTOR_SIGNATURE_INVALID = Reason('ERROR_REASON_DOCTOR_SIGNATURE_INVALID', 'records.lientuyen', "The concluding doctor's signature does not verify ({cause}).", 'Chữ ký số của người kết luận không hợp lệ ({cause}).')
IMMUNIZATION_REFUSED = Reason('ERROR_REASON_IMMUNIZATION_REFUSED', 'records.lientuyen', 'The dose was refused: {count} fault(s).', 'Mũi tiêm bị từ chối vì có {count} lỗi.')
IMMUNIZATION_EXISTS = Reason('ERROR_REASON_IMMUNIZATION_EXISTS', 'records.lientuyen', 'The dose is recorded as {name} with other content; name it in replaces to correct it.', 'Mũi tiêm này đã được ghi nhận ({name}) với nội dung khác; nếu cần sửa, gửi lại kèm replaces.')
IMMUNIZATION_DENIED = Reason('ERROR_REASON_IMMUNIZATION_DENIED', 'records.lientuyen', 'Permission to correct {name} is denied (or it might not exist).', 'Không được phép sửa {name} (hoặc mũi tiêm không tồn tại).')
IMMUNIZATION_STATE = Reason('ERROR_REASON_IMMUNIZATION_STATE', 'records.lientuyen', '{name} was corrected by {superseded_by} already; correct that one.', '{name} đã được sửa bằng {superseded_by}; vui lòng sửa bản đó.')
SIGNATURE_MISSING = Reason('ERROR_REASON_SIGNATURE_MISSING', 'records.lientuyen', 'Files of {facility} were taken without a signature until {unsigned_until} only.', 'Hồ sơ chưa ký số của {facility} chỉ được nhận đến hết ngày {unsigned_until}.')
RESULT_NOT_FOUND = Reason('ERROR_REASON_RESULT_NOT_FOUND', 'records.lientuyen', 'There is no result {name} of this person that the caller may see.', 'Không có kết quả {name} của người bệnh này mà cơ sở được xem.')
