"""What can be changed through the API: a module for each namespace of the mutation root.

Each ``MUTATIONS`` maps a field of its namespace to the function that makes the change. It returns
what was made, or raises ``Refused``; it runs in a transaction of its own.
"""
