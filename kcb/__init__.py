"""
The output data tables of QĐ 130/QĐ-BYT as amended by QĐ 4750 and QĐ 3176 (bảng
chỉ tiêu dữ liệu khám bệnh, chữa bệnh), and every check this exchange makes of them.

    catalogue    tables.json and codes.json as frozen values: what each field may hold
    rules        every rule: its stable name, whether it refuses, its two sentences
    report       what is said of a file: findings in the order of the file
    safe         bytes → XML tree, or why not (bombs, entities, encodings, sizes)
    envelope     GIAMDINHHS: facility, count, the files within
    rows         a table's XML → rows; the checks of one value
    formats      one value against its type, length, code list
    conditions   "required when …": a phrase of the catalogue → a decision
    across       what must agree between tables
    validate     the whole: bytes → Report

What the decisions do not settle, or only secondary sources report, is never more
than a warning.
"""
