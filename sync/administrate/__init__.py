"""The client of Administrate's GraphQL API: requests, retries, rates, and the meaning of answers.

From the wire up: ``transport`` (one request), ``auth`` (tokens), ``answers`` (what they mean),
``errors`` (what a failure proves), ``retry`` and ``rate`` (when to send), ``client`` (one call);
then ``listings``, ``passes``, ``pages`` (whole lists), ``reads``, ``lookups`` (what is read),
``inputs``, ``writes``, ``changes``, ``natural_keys`` (what is changed). ``operations`` holds the
GraphQL, which ``documents`` loads.
"""
