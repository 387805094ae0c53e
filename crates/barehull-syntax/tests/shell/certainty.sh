a && b && c
---
a && b; c
---
[ -f x ] && a; b
---
a && b || c
---
a && b || exit 1
---
a || { echo no; exit 1; } && b
---
a || echo b && false
---
if a && b; then c; else d; fi; e
---
while a; do b; done; c
---
for x in a b; do c; done; for x in $y; do d; done
---
case x in a) b ;; *) c; esac
---
f() { a; if b; then c; fi; }; f
---
a | b; (c && d) | e; { f && g; }
---
a & b
---
x=$(a && b) && c "${d:-$(e)}"
---
exit 0; a
---
[ -f done ] && exit 0; a; b
---
if a; then exec b; fi; exec c
---
! a && b
---
(a; b) && { c; d; }
---
set -e
a
b && c
d
---
a || true; b
---
exec >log; a
