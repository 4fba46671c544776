"""Parameters from files of other programs: ``archives`` says what is in a file, ``naming`` whose it is. No pickles.

Of what is wrong, ``cause`` finds what explains several problems, and ``alike`` tells many of one kind once.
"""
