strongroom/AuxmRkkJY7f5vNyt-tFtbw/1
31
jhcf9A/k8M2uRRm7ya1dUgPKxKPr5DmFE6yoQ+g04R0=

— strongroom/AuxmRkkJY7f5vNyt-tFtbw/1 +SKGeuwfZ/A/BR43FmsnstF4bwWFcf7LtZ49QJWvMH2OsxxAp/HmVdvqTdjNhU1ipswq4HRkal+bh1q2ZD9fx9b2mwA=
