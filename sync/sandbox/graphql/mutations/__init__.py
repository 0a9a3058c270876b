"""What can be changed through the API: a module for each namespace of the mutation root.

A mutation takes the call and its arguments, and returns what was made or raises ``Refused``; it
runs in a transaction of its own. ``table`` names them all.
"""
