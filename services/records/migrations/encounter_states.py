"""
Fills the list of encounters from the check-ins and dossiers that are there.

Once when the table is made, and once when the last server has gone that did not keep it: what is there is
left as it is, but where one of those accepted or withdrew a dossier meanwhile.  What is due of a check-in is
presumed as `model/encounter_deadlines.py` does, without the days that the Government makes holidays.
"""

from typing import Final

# The id that `model.encounter_status.encounter_id` gives, and where that is listed of which nothing is due.
ID: Final = """
CAST(encode(substring(sha256(convert_to(facility || '/' || link_key, 'UTF8')) FROM 1 FOR 16), 'hex') AS uuid)
"""
NOTHING_DUE: Final = """
TIMESTAMPTZ '9000-01-01 00:00:00+00' - ({time} - TIMESTAMPTZ '1970-01-01 00:00:00+00')
"""

DOSSIERS: Final = f"""
INSERT INTO encounter_states (id, facility, link_key, state, sort_time)
SELECT DISTINCT ON (facility, link_key) {ID}, facility, link_key,
       CASE WHEN state = 'withdrawn' THEN 'withdrawn' WHEN version > 1 THEN 'corrected' ELSE 'accepted' END,
       {NOTHING_DUE.format(time="receive_time")}
FROM dossiers ORDER BY facility, link_key, version DESC
ON CONFLICT (id) DO UPDATE
SET state = EXCLUDED.state, sort_time = EXCLUDED.sort_time, duty = NULL, due_time = NULL
WHERE encounter_states.state = 'checked_in'
   OR encounter_states.state IN ('accepted', 'corrected') AND EXCLUDED.state = 'withdrawn'
   OR encounter_states.state = 'refused'
      AND EXCLUDED.sort_time < {NOTHING_DUE.format(time="encounter_states.refuse_time")}
"""

# The last day on which a dossier is waited for, then a weekend later.
CHECK_INS: Final = f"""
INSERT INTO encounter_states (id, facility, link_key, state, sort_time, duty, due_time)
SELECT {ID}, facility, link_key, 'checked_in', due_time, 1, due_time
FROM (
    SELECT facility, link_key,
           CAST(last_day + CASE EXTRACT(isodow FROM last_day) WHEN 6 THEN 3 WHEN 7 THEN 2 ELSE 1 END
                AS timestamp) AT TIME ZONE 'Asia/Ho_Chi_Minh' AS due_time
    FROM (
        SELECT DISTINCT ON (facility, link_key) facility, link_key,
               CAST(arrival_time AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date)
                   + CASE WHEN form_of_care IN ('02', '03', '04', '05', '06', '08', '12') THEN 35 ELSE 3 END
                   AS last_day
        FROM check_ins ORDER BY facility, link_key, arrival_time DESC
    ) AS arrivals
) AS waiting
ON CONFLICT (id) DO NOTHING
"""

FILL: Final = (DOSSIERS, CHECK_INS)
