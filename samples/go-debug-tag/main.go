package main

import (
	"fmt"
	"log"
	"net/http"
)

func main() {
	http.HandleFunc("/{name}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "Good morning, %s", r.PathValue("name"))
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
