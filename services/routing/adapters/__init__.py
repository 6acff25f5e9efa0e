"""
Ways to systems that are no node of ours (docs/adr/0088): each a `Transport` (`peers/transports.py`).

    batch_api      a provincial axis (trục dữ liệu y tế) that takes files by an API over HTTP
    batch_client   its calls: a token, a batch of files, what became of one
    batch_replies  what it answers, whatever that is
    batch_account  who we are there
"""
