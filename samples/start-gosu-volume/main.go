// notesd keeps notes as files of a folder.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
)

var name = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

func main() {
	dir := flag.String("dir", ".", "folder of the notes")
	addr := flag.String("addr", ":7070", "address to listen at")
	flag.Parse()

	// Fail early where the folder cannot be written.
	mark := filepath.Join(*dir, ".notesd")
	if err := os.WriteFile(mark, []byte("1\n"), 0o600); err != nil {
		log.Fatalf("folder of the notes: %v", err)
	}

	http.HandleFunc("GET /ping", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "uid %d\n", os.Getuid())
	})
	http.HandleFunc("GET /notes/{name}", func(w http.ResponseWriter, r *http.Request) {
		if !name.MatchString(r.PathValue("name")) {
			http.Error(w, "no such name", http.StatusBadRequest)
			return
		}
		http.ServeFile(w, r, filepath.Join(*dir, r.PathValue("name")))
	})
	http.HandleFunc("PUT /notes/{name}", func(w http.ResponseWriter, r *http.Request) {
		if !name.MatchString(r.PathValue("name")) {
			http.Error(w, "no such name", http.StatusBadRequest)
			return
		}
		data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err == nil {
			err = os.WriteFile(filepath.Join(*dir, r.PathValue("name")), data, 0o600)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusCreated)
	})
	log.Printf("notesd at %s, notes in %s", *addr, *dir)
	log.Fatal(http.ListenAndServe(*addr, nil))
}
