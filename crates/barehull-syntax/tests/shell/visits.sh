sudo apt-get update && if a; then su app -c "b; c || d"; fi
---
find . -exec a {} \; -exec sudo b {} +
---
f() { sh -c 'a "$(b)"'; }; sh -c "c $(d)"
---
command -v a || eval $x*
---
sh -c 'a; b "c'
---
sh -c "sh -c 'sh -c a'"
