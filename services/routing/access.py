"""Who may call what.  That a facility is the one it declares is checked by each method."""

from collections.abc import Mapping

from chassis.access import ANYONE, NODE, Rule, allow

# Who has a mailbox.
PARTIES = ("facility", "pharmacy")

RULES: Mapping[str, Rule] = {
    # 64 MiB over a hospital's line of 8 Mbit/s take 67 seconds.
    "MailboxService/SendMessage": allow(*PARTIES, deadline=120),
    "MailboxService/ReceiveMessages": allow(*PARTIES, deadline=None),
    "MailboxService/AcknowledgeMessage": allow(*PARTIES),
    "MailboxService/ExtendLease": allow(*PARTIES),
    "MailboxService/RejectMessage": allow(*PARTIES),
    "MailboxService/GetMessage": allow(*PARTIES, "operator"),
    "MailboxService/ListMessages": allow(*PARTIES, "operator"),
    "MailboxService/DownloadMessage": allow(*PARTIES, deadline=120),
    "MailboxService/ListDeadLetters": allow(*PARTIES, "operator"),
    "MailboxService/ReplayMessage": allow(*PARTIES, "operator"),
    "MailboxService/StopMessage": allow(*PARTIES, "operator"),
    "MailboxService/ReplayDeadLetters": allow(*PARTIES, "operator"),
    "MailboxService/StopDeadLetters": allow(*PARTIES, "operator"),
    "MailboxService/ListMailboxes": allow("operator"),
    "MailboxService/SendNotice": allow("service/records"),
    "ReferralService/CreateReferral": allow(*PARTIES, "service/records"),
    "ReferralService/ValidateReferral": allow(*PARTIES, "service/records"),
    "ReferralService/AcceptReferral": allow("facility"),
    "ReferralService/DeclineReferral": allow("facility"),
    "ReferralService/UseReferral": allow("facility", "service/records"),
    "ReferralService/CompleteReferral": allow("facility"),
    "ReferralService/CancelReferral": allow(*PARTIES, "service/records"),
    "ReferralService/GetReferral": allow(*PARTIES, "service/records", "authority/vneid", "operator"),
    "ReferralService/ListReferrals": allow(*PARTIES, "service/records", "authority/vneid", "operator"),
    "AppointmentService/CreateAppointment": allow("facility", "service/records"),
    "AppointmentService/ValidateAppointment": allow("facility", "service/records"),
    "AppointmentService/UseAppointment": allow("facility"),
    "AppointmentService/CancelAppointment": allow("facility", "service/records"),
    "AppointmentService/GetAppointment": allow("facility", "service/records", "authority/vneid", "operator"),
    "AppointmentService/ListAppointments": allow(
        "facility", "service/records", "authority/vneid", "operator"
    ),
    "RecordRequestService/RequestRecords": allow("facility"),
    "RecordRequestService/FulfilRecordRequest": allow("facility"),
    "RecordRequestService/DeclineRecordRequest": allow("facility"),
    "RecordRequestService/CancelRecordRequest": allow("facility"),
    "RecordRequestService/GetRecordRequest": allow("facility", "operator"),
    "RecordRequestService/ListRecordRequests": allow("facility", "operator"),
    "ConsultationService/RequestConsultation": allow("facility"),
    "ConsultationService/TakeConsultation": allow("facility"),
    "ConsultationService/AnswerConsultation": allow("facility"),
    "ConsultationService/DeclineConsultation": allow("facility"),
    "ConsultationService/WithdrawConsultation": allow("facility"),
    "ConsultationService/GetConsultation": allow("facility", "authority/vneid", "operator"),
    "ConsultationService/ListConsultations": allow("facility", "authority/vneid", "operator"),
    "ReceiptService/GetReceipt": allow(*PARTIES, "operator"),
    "TransparencyService/GetTreeHead": allow(ANYONE),
    "TransparencyService/ListTreeHeads": allow(ANYONE),
    "TransparencyService/GetInclusionProof": allow(ANYONE),
    "TransparencyService/GetConsistencyProof": allow(ANYONE),
    "TransparencyService/ListSigningKeys": allow(ANYONE),
    "TransparencyService/SubmitTreeHead": allow(
        "service/identity", "service/records", "service/pharmacy", "operator"
    ),
    "TransparencyService/ListWitnessedHeads": allow(ANYONE),
    "NodeStatusService/ListNodeLinks": allow("operator"),
    "ReceiptService/GetReceiptChain": allow(*PARTIES, "operator"),
}

# On the federation port: other nodes, and nobody else.
FEDERATION_RULES: Mapping[str, Rule] = {
    "NodeLinkService/Relay": allow(NODE, deadline=None),
    "NodeLinkService/GetDirectory": allow(NODE),
}
