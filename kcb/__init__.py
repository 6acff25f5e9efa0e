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
    located_rows       rows with their place in the file
    dossier_facts      the stay, the form of care, the category: what rules between rows ask
    notes              saying what a rule found: on its days, one finding for one cause
    amounts            amounts as whole thousandths
    line_amounts       the amounts of a line, which follow from one another
    total_amounts      the totals of XML1, sums of the lines
    reference_wages    the reference wage by date, and what is told by it
    rate_rules         the benefit rate against the category, the card and the cost of the visit
    card_rules         cards: their form, their lists, their days
    category_rules     the category of care: where, from where, who pays
    past_times         nothing that has happened lies in the future; what may lie ahead
    stay_rules         birth, arrival, admission, discharge; the form of care and its days
    line_times         order, performing, result
    bed_rules          beds against the stay
    service_rules      services and supplies
    drug_rules         drugs, doses
    result_rules       results against services; progress notes
    illness_rules      diagnoses; HIV and tuberculosis
    paper_rules        what slips and certificates must say
    repeat_rules       what other tables repeat of XML1
    sent_tables        which tables go with a dossier
    lost_letters       letters that were lost on the way, in names and diagnoses
    registers          lists, directories, slips: what a file can be held against beyond itself
    registry_rules     the rules that need one of these
    vietnamese_text    one text however it is written: what every comparison of texts uses
    cross_table_rules  all of these in one pass over the rows
    validate           the whole: bytes → Report
    ksk_validate       the same for health checks (khám sức khỏe): bytes → KskReport, by the other ksk_* files

A library that imports nothing of the services: hospitals use it offline.  What the
decisions do not settle, or one secondary source reports alone, is never more than a warning.
"""
