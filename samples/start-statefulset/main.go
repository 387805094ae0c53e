package main

import (
	"bufio"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"sync"
)

type journal struct {
	mu    sync.Mutex
	file  *os.File
	lines int
}

func open(folder string) (*journal, error) {
	file, err := os.OpenFile(filepath.Join(folder, "entries.log"), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o640)
	if err != nil {
		return nil, err
	}
	j := &journal{file: file}
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		j.lines++
	}
	return j, nil
}

func (j *journal) add(line string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, err := fmt.Fprintln(j.file, line); err != nil {
		return err
	}
	j.lines++
	return j.file.Sync()
}

func main() {
	folder := flag.String("journal", "journal", "folder of the journal")
	listen := flag.String("listen", ":6400", "address")
	member := flag.String("member", os.Getenv("POD_NAME"), "name of this member")
	flag.Parse()

	j, err := open(*folder)
	if err != nil {
		log.Fatal(err)
	}
	if err := j.add("started " + *member); err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) {
		j.mu.Lock()
		defer j.mu.Unlock()
		fmt.Fprintf(w, "member=%s entries=%d\n", *member, j.lines)
	})
	http.HandleFunc("POST /entries", func(w http.ResponseWriter, r *http.Request) {
		if err := j.add(r.URL.Query().Get("text")); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusCreated)
	})
	log.Fatal(http.ListenAndServe(*listen, nil))
}
