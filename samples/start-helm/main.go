// signpost redirects short names to long addresses.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
)

func read(path string) (map[string]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	routes := map[string]string{}
	scanner := bufio.NewScanner(file)
	for scanner.Scan() {
		if from, to, ok := strings.Cut(strings.TrimSpace(scanner.Text()), " "); ok {
			routes["/"+from] = to
		}
	}
	return routes, scanner.Err()
}

func main() {
	path := flag.String("routes", "routes.txt", "file of the routes")
	flag.Parse()
	routes, err := read(*path)
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "%d routes\n", len(routes))
	})
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if to, ok := routes[r.URL.Path]; ok {
			http.Redirect(w, r, to, http.StatusFound)
			return
		}
		http.NotFound(w, r)
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
