"""
Every rule there is: its stable name, whether breaking it refuses the file, and what
is said of it in Vietnamese and English.

`{detail}` is filled from the catalogue (a limit, a list's name), never from the file:
no sentence can hold a patient's data.  Names are part of the contract: clients act
on them, so a name is never given another meaning.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.  *refuses*: a file that breaks it is not accepted."""

    name: str
    refuses: bool
    vi: str
    en: str


def refuse(name: str, vi: str, en: str) -> Rule:
    return Rule(name, True, vi, en)


def warn(name: str, vi: str, en: str) -> Rule:
    return Rule(name, False, vi, en)


ALL = (
    # the file
    refuse("too-large", "Vượt quá giới hạn dung lượng {detail}.", "Larger than the limit of {detail}."),
    refuse("encoding", "Tệp không phải UTF-8.", "The bytes are not UTF-8."),
    refuse("not-xml", "Nội dung không phải XML hợp lệ.", "Not well-formed XML."),
    refuse(
        "doctype",
        "Không được khai báo DOCTYPE hoặc thực thể.",
        "A DOCTYPE or entity declaration is not allowed.",
    ),
    refuse("root", "Phần tử gốc phải là {detail}.", "The root element must be {detail}."),
    warn("byte-order-mark", "Tệp có BOM ở đầu.", "The file begins with a byte order mark."),
    warn(
        "encoding-declared",
        "Khai báo XML ghi bảng mã khác UTF-8.",
        "The XML declaration names another encoding than UTF-8.",
    ),
    # the envelope
    refuse("element-missing", "Thiếu phần tử bắt buộc.", "A required element is missing."),
    refuse(
        "facility-code",
        "Mã cơ sở KCB phải có 5 ký tự.",
        "A facility code has 5 characters, digits or capitals.",
    ),
    refuse("count-differs", "SOLUONGHOSO không khớp số hồ sơ.", "SOLUONGHOSO is not the number of HOSO."),
    refuse(
        "one-encounter", "Mỗi tệp chỉ gồm một hồ sơ (một lần KCB).", "A file holds one HOSO: one encounter."
    ),
    refuse(
        "table-unknown", "LOAIHOSO không có trong danh mục bảng.", "LOAIHOSO names no table of a dossier."
    ),
    refuse("table-not-sent", "Bảng này không gửi trong tệp hồ sơ.", "This table never travels in a file."),
    refuse("table-twice", "Bảng xuất hiện hơn một lần.", "The same table comes twice."),
    refuse("table-missing", "Thiếu bảng bắt buộc.", "A required table is missing."),
    refuse("base64", "Nội dung không phải base64 hợp lệ.", "Not valid base64."),
    refuse("too-many", "Vượt quá số lượng cho phép: {detail}.", "More than the {detail} allowed."),
    warn("not-encoded", "XML bên trong chưa mã hóa base64.", "The inner XML is not base64-encoded."),
    warn("unsigned", "Hồ sơ chưa ký số.", "The file carries no facility signature."),
    # tables and rows
    refuse(
        "table-root", "Phần tử gốc của bảng phải là {detail}.", "The table's root element must be {detail}."
    ),
    refuse("table-list", "Thiếu phần tử danh sách {detail}.", "The list element {detail} is missing."),
    refuse("row-element", "Phần tử dòng phải là {detail}.", "A row element must be {detail}."),
    refuse("rows-missing", "Bảng không có dòng nào.", "There is no row."),
    warn("rows-none", "Bảng không có dòng nào.", "The table has no row."),
    warn("older-names", "Bảng dùng tên trường của QĐ 4750.", "The table has the field names of QĐ 4750."),
    warn("element-unknown", "Phần tử không có trong bảng.", "The table has no such element."),
    warn("element-absent", "Thiếu phần tử (phải có, dù rỗng).", "An element is absent; write it empty."),
    warn("element-order", "Phần tử sai thứ tự.", "The elements are not in the table's order."),
    refuse("element-twice", "Phần tử xuất hiện hơn một lần.", "The element comes twice."),
    refuse("element-nested", "Trường chứa phần tử con.", "A field holds elements instead of text."),
    # one value
    refuse("required", "Trường bắt buộc đang để trống.", "A required field is empty."),
    refuse("required-when", "Bắt buộc trong trường hợp này.", "Required here: {detail}."),
    warn("expected-when", "Nên có trong trường hợp này.", "Expected here: {detail}."),
    refuse("max-length", "Vượt quá {detail} ký tự.", "Longer than {detail} characters."),
    warn(
        "length-doubt",
        "Dài hơn {detail} ký tự, nguồn chưa thống nhất.",
        "Longer than {detail}; sources differ.",
    ),
    refuse("number-format", "Không phải số hợp lệ.", "Not a number written with digits and a decimal point."),
    refuse("decimals", "Quá {detail} chữ số thập phân.", "More than {detail} decimals."),
    warn(
        "decimals-doubt",
        "Thừa số 0 thập phân ngoài {detail} chữ số.",
        "Trailing zeros beyond {detail} decimals.",
    ),
    warn("number-negative", "Số âm.", "A negative number."),
    refuse("date-format", "Không phải ngày có thật dạng {detail}.", "Not a real date written {detail}."),
    warn("date-doubt", "Dạng ngày giờ khác quy định hiện hành.", "A date form that sources do not agree on."),
    refuse("code-list", "Mã không thuộc danh mục {detail}.", "Not a code of the list {detail}."),
    warn(
        "code-doubt",
        "Mã {detail} chưa được xác nhận hoặc đã bãi bỏ.",
        "A code of {detail} unconfirmed or retired.",
    ),
    warn("code-format", "Mã có dạng khác thường.", "The code has an unusual form."),
    refuse("one-code", "Chỉ được một mã.", "Exactly one code is allowed."),
    refuse("too-many-codes", "Tối đa {detail} mã.", "At most {detail} codes are allowed."),
    warn("personal-id-format", "Số định danh có dạng khác thường.", "The personal ID has an unusual form."),
    warn(
        "personal-id-differs",
        "Số định danh không khớp ngày sinh hoặc giới tính.",
        "The personal ID does not agree with birth date or sex.",
    ),
    warn("card-format", "Mã thẻ BHYT có dạng khác thường.", "The insurance card has an unusual form."),
    # between fields and tables
    refuse("ma-lk-differs", "MA_LK khác các bảng còn lại.", "MA_LK is not that of the other tables."),
    refuse(
        "facility-differs",
        "Mã cơ sở KCB không khớp.",
        "The facility code is not that of the rest of the file.",
    ),
    refuse(
        "card-expired", "Thẻ BHYT đã hết hạn tại ngày vào.", "The insurance card had expired on NGAY_VAO."
    ),
    refuse("card-not-yet", "Thẻ BHYT chưa có giá trị.", "The insurance card was not valid yet."),
    refuse("date-order", "Ngày kết thúc trước ngày bắt đầu.", "The end is before the beginning."),
    warn("date-outside", "Thời điểm ngoài đợt điều trị.", "The time lies outside the encounter."),
    warn("stt-twice", "STT bị trùng.", "STT comes twice."),
    warn("differs-from-xml1", "Khác với XML1.", "Differs from XML1."),
    warn("table-expected", "Thường phải có bảng {detail}.", "The table {detail} is usually sent with this."),
    warn("table-unexpected", "Bảng không phù hợp với MA_LOAI_RV.", "The table does not fit MA_LOAI_RV."),
    # beyond the file
    refuse("person-unknown", "Không tìm thấy người bệnh.", "The exchange knows no such person."),
    refuse("person-ambiguous", "Số định danh thuộc nhiều người.", "Several persons claim that number."),
    refuse("signature", "Chữ ký số không hợp lệ.", "The signature does not verify."),
    warn(
        "signature-unverified",
        "Chưa kiểm tra được chữ ký số.",
        "The signature could not be traced to an authority.",
    ),
)

RULES = {rule.name: rule for rule in ALL}
