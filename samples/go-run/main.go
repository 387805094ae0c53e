package main

import (
	"bufio"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
)

// Prints the most frequent words of a text file: main.go FILE [COUNT]
func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "which file?")
		os.Exit(2)
	}
	file, err := os.Open(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer file.Close()

	frequency := map[string]int{}
	scanner := bufio.NewScanner(file)
	scanner.Split(bufio.ScanWords)
	for scanner.Scan() {
		frequency[strings.Trim(strings.ToLower(scanner.Text()), ".,;:!?")]++
	}

	words := make([]string, 0, len(frequency))
	for word := range frequency {
		words = append(words, word)
	}
	sort.Slice(words, func(i, j int) bool {
		a, b := words[i], words[j]
		return frequency[a] > frequency[b] || frequency[a] == frequency[b] && a < b
	})

	count := 10
	if len(os.Args) > 2 {
		if count, err = strconv.Atoi(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	for _, word := range words[:min(count, len(words))] {
		fmt.Printf("%4d %s\n", frequency[word], word)
	}
}
