# Tonight's list: hostile ]]> <script>alert('x')</script> & "q" �[31mred�[0m � �
# � � bidi � nul # SKIP not really \ back tab second line� third
# 2026-11-24T09:30:00Z, level look, headgate 0.1.0. The gate is CLOSED: 1
# failure (1 blocker), 1 unknown, 1 fault of ours; it fails on major and worse.
#
# What a shell can do of it: sh FILE. A statement is commented out where <...>
# has to be filled in, where it closes nothing, and where it cannot be undone.
# Then run headgate again: what waited may show.

# t#1�[2J: MySQL ]]> <script>alert('x')</script> & "q" �[31mred�[0m � � � � bidi
# � nul # SKIP not really \ back tab second line� third at h<�>:3306, account
# 'a�]0;x�'@'%' # TODO

# 1. BLOCKER mysql.x # TODO me.y (could not be looked at)
#     unknown ]]> <script>alert('x')</script> & "q" �[31mred�[0m � � � � bidi �
#     nul # SKIP not really \ back tab second line� third

# 2. INFO
#     mysql.long.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
#     (optional: it closes nothing)
#     a long name
