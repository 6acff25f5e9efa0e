"""
The other nodes of the exchange: messages to and from them, over one stream each way (docs/adr/0087).

    relay        takes what waits for facilities of a far node, in line, and hands it to a transport
    link         the transport to a node of ours: a stream that is opened again for ever
    link_service the far end of such a stream
    arrivals     puts what came into a mailbox, once
    outcomes     what became of it, told back until it is confirmed
"""
