package main

import "testing"

func TestVote(t *testing.T) {
	p := &poll{votes: map[string]int{"soup": 0}}
	if !p.vote("soup") || p.vote("steak") {
		t.Fatal("only known options can be voted for")
	}
	if got := p.result()["soup"]; got != 1 {
		t.Fatalf("soup has %d votes, not 1", got)
	}
}
