"""A strategy over a history of rates: what it would have earned, and what could have been earned.

The practice exchange's books and a clock that only this package moves stand in for the world; the
decisions are the daemon's own. Nothing here reads a clock, draws a number or uses a float, so the
same strategy over the same history gives the same result to the last digit.

Interest is set aside the moment it is paid: every run manages the same money all the time, and
what they earned compares exactly.
"""
