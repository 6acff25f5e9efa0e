"""Rules that take another service, a register or a certificate: the test that plants their faults.

Of a long name the beginning is enough.
"""

from typing import Final

_PERSONS: Final = "tests/contract/test_records_stated_persons.py::test_"
_SLIPS: Final = "tests/contract/test_records_slips.py::test_"
_STANDING: Final = "tests/contract/test_records_slips_standing.py::test_"
_AGAIN: Final = "tests/contract/test_records_resubmissions.py::test_"
_SIGNED: Final = "tests/contract/test_records_signatures.py::test_"
_REGISTERED: Final = "tests/contract/test_records_registered_signers.py::test_"
_PAPERS: Final = "tests/contract/test_records_brought_papers.py::test_"
_LETTERS: Final = "tests/contract/test_records_signed_slips.py::test_"
_FITS: Final = "tests/unit/test_kcb_signatures.py::test_"
_HOSTILE: Final = "tests/unit/test_kcb_hostile_signatures.py::test_"
_VERDICTS: Final = "tests/unit/test_records_registry_rules.py::test_"

PLANTED_ELSEWHERE: Final[dict[str, str]] = {
    "person-unknown": f"{_PERSONS}guessed_numbers_in_dossiers_run_out",
    "person-differs": f"{_PERSONS}a_dossier_of_somebody_elses_number_is_refused",
    "person-ambiguous": f"{_VERDICTS}a_number_of_several_persons_is_ambiguous",
    "differs-from-person": f"{_PERSONS}one_field_that_differs_is_a_warning_there_and_kept_with_the_dossier",
    "practitioner-known": "tests/contract/test_records_directory.py::test_whom_it_does_not_know_is_told_once",
    "person-changed": f"{_AGAIN}another_person_is_filed_with_a_warning_and_both_are_told",
    "ma-lk-of-another": f"{_AGAIN}a_check_in_under_the_key_of_another_person_is_warned_about",
    "signature-altered": f"{_SIGNED}a_file_changed_after_signing_is_refused",
    "signature-unregistered": f"{_REGISTERED}nothing_is_kept_of_a_file_that_nobody_registered_signed",
    "signature-wrong-facility": f"{_REGISTERED}a_certificate_of_another_facility_is_named_as_such",
    "signature-expired": f"{_REGISTERED}an_expired_and_a_revoked_certificate_have_their_words",
    "signature-revoked": f"{_REGISTERED}an_expired_and_a_revoked_certificate_have_their_words",
    "signature-required": f"{_REGISTERED}unsigned_files_are_taken_until_the_facilitys_day",
    "signature-not-yet-valid": f"{_FITS}without_a_time_of_signing_a_certificate_is_judged_by_the_receipt",
    "signature-signing-time": f"{_FITS}whatever_stands_for_a_time_is_one_or_refused",
    "signature-weak": f"{_HOSTILE}a_broken_hash_has_its_own_word",
    "signature-algorithm": f"{_HOSTILE}an_unknown_algorithm_is_refused",
    "signature-transform": f"{_HOSTILE}a_transform_that_could_choose_what_is_signed_is_never_run",
    "signature-wrapped": f"{_HOSTILE}a_signature_of_something_else_than_the_file_is_refused",
    "signature-unreadable": f"{_HOSTILE}a_document_that_has_no_canonical_form_is_refused",
    "signature-certificate": f"{_HOSTILE}a_certificate_that_is_none_is_refused",
    "signature-key": f"{_HOSTILE}the_registered_key_counts_and_no_key_that_the_file_brings",
    "slip-signature-invalid": f"{_LETTERS}what_a_slip_lacks_is_a_warning_and_the_dossier_is_taken",
    "slip-unsigned-by-practitioner": f"{_LETTERS}what_a_slip_lacks_is_a_warning_and_the_dossier_is_taken",
    "slip-unsigned-by-facility": f"{_LETTERS}what_a_slip_lacks_is_a_warning_and_the_dossier_is_taken",
    "signature-dropped": f"{_AGAIN}an_unsigned_file_replaces_a_signed_one_only_when_its_sender_says_so",
    "slip-recipient-missing": f"{_SLIPS}a_slip_to_nobody_is_told_with_the_answer",
    "slip-recipient-unknown": f"{_SLIPS}a_slip_to_nobody_is_told_with_the_answer",
    "slip-to-self": f"{_SLIPS}a_slip_to_nobody_is_told_with_the_answer",
    "slip-recipient-closed": f"{_VERDICTS}what_routing_refuses_a_slip_for_has_a_rule",
    "slip-refused": f"{_VERDICTS}what_routing_refuses_a_slip_for_has_a_rule",
    "slip-number-used": f"{_SLIPS}a_number_that_another_encounter_has_is_told_at_once",
    "slip-taken": f"{_SLIPS}a_slip_changed_after_its_patient_was_accepted_moves_nobody_and_both_are_told",
    "slip-not-checked": (f"{_SLIPS}while_routing_cannot_be_asked_the_dossier_is_kept"),
    "slip-undelivered": f"{_SLIPS}a_slip_given_up_after_many_attempts_is_told_and_an_operator_may_replay_it",
    "slip-ended": f"{_STANDING}an_unchanged_slip_whose_referral_was_declined_says_so",
    "card-not-checked": f"{_PAPERS}while_identity_is_silent_about_cards_the_dossier_is_kept_and_says_so",
    "brought-slip-not-checked": f"{_PAPERS}while_routing_is_down_the_dossier_is_kept_and_says_so",
    "slip-superseded": f"{_SLIPS}a_slip_that_was_corrected_before_it_was_sent_is_never_sent",
}
