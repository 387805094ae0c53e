apt-get update && apt-get install -y curl; rm -rf /var/lib/apt/lists/*
---
a && b || c | d && e
---
a | b | c || d
---
x | y |& z
---
! a | b && ! c
---
a & b
---
# only a comment
a # behind
# between
b
---
if [ -n "$x" ]; then a; elif ! b; then c; else d; fi
---
if a
then
  b
fi
---
if { a; } then b; fi
---
for x in a "b c" $(d); do e; done
---
for x; do a; done
---
for x in; do a; done
---
for x
in a b
do c
done
---
for x do a; done
---
for ((i = 0; i < 3; i++)); do a; done
---
for ((;;)) do a; done
---
select x in a b; do c; done
---
while read -r x; do a "$x"; done < <(b c)
---
until a; do sleep 1; done >/dev/null 2>&1
---
case "$1" in
  -h|--help) usage ;;
  (a*) b;& # on
  [0-9]) ;;
  "")
    c
    ;;
  *) d
esac
---
case $x in a) if b; then c; fi ;; esac | d
---
f() { a; }
g () ( b )
function h { c; }
function i() {
  d
}
f x
---
f() { a; } >log
---
{ a; b; } 2>&1 | tee log
---
(cd x && make) && ( a )
---
((a);(b))
---
[[ -f x && ( $y =~ ^(a|b)$ || $z == [a-z]* ) ]] && a
---
(( i++ )) || a
---
A=1 B="x y" c d
---
A=1 B+=2
---
A=(a "b c" $(d)) e[1]=f g[${#g[@]}]=h
---
export A=b C
---
declare -A M=([a]=1 [b]=2)
---
>f
---
a >f 2>&1 <g >>h &>i 3<>j >|k <<<"l m" 2>&- b
---
cat <<EOF && a
b $(c d) `e`
EOF
f
---
cat <<-"A B" | sort
	x $(y)
	A B
z
---
cat <<A <<B
a
A
b
B
c
---
while read x; do a; done <<EOF
$(b)
EOF
c
---
a $(b "$(c)" | d) `e "f"`
---
a ${x:-$(b)} "${y+`c`}"
---
a $(cat <<EOF
b
EOF
)
---
a $() `# comment` b
---
a \
  b \
  && c
---
echo if then fi } ] {} { done
---
echo a\ b\;c 'd;e' "f && g" $'h\'i' \# #j
---
time a
---
[ -f /a ] && [ "$b" = c ] || d
