a; echo "b
---
a $(b
---
if a; then b
---
a; fi; b
---
a && ) b
---
a >
---
a `b \$c` d
---
case x in a) b
---
{{ if x }} a {{ end }}
---
a | | b
---
f( a ) b
---
[[ a
---
a && b "c" (d) && e
---
!
---
cat <<EOF
$(a
EOF
---
a `b
---
a ${b
---
a &&
