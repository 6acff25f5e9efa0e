"""
The output data tables of QĐ 130/QĐ-BYT as amended by QĐ 4750 and QĐ 3176 (bảng
chỉ tiêu dữ liệu khám bệnh, chữa bệnh), and every check this exchange makes of them.

    tables             tables.json and codes.json as frozen values: what each field may hold
    rule_catalogue     every rule: its stable name, whether it refuses, its two sentences
    report             what is said of a file: findings in the order of the file
    xml_parser         bytes → XML tree, or why not (bombs, entities, encodings, sizes)
    envelope           GIAMDINHHS: facility, count, the files within
    table_reader       a table's XML → rows; elements unknown, absent, twice or astray
    row_rules          the checks of one row by itself
    field_formats      one value against its type, length, code list
    required_when      "required when …": a phrase of the tables → a decision
    care_shares        what each care category pays, with its days
    reference_wages    the reference wage by date, and what is told by it
    money_rules        amounts that must follow from one another
    rate_rules         the benefit rate against the category, the card and the cost of the visit
    past_times         nothing that has happened lies in the future; what may lie ahead
    order_of_times     birth, arrival, order, performing, result, discharge
    forms_of_care      the form of care, its days and its beds against the times of the stay
    papers             what slips and certificates must say
    lost_letters       letters that were lost on the way, in names and diagnoses
    vietnamese_text    one text however it is written: what every comparison of texts uses
    cross_table_rules  what must agree between rows and tables
    validate           the whole: bytes → Report
    ksk_validate       the same for health checks (khám sức khỏe): bytes → KskReport, by the other ksk_* files

A library that imports nothing of the services: hospitals use it offline.  What the
decisions do not settle, or only secondary sources report, is never more than a warning.
"""
