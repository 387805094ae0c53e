package main

import (
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"os"
	"sync"
)

type config struct {
	Limit int `json:"limit"`
}

// load reads the configuration; without a file there is a default.
func load(path string) (config, error) {
	c := config{Limit: 100}
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(data, &c)
}

type inbox struct {
	mu       sync.Mutex
	limit    int
	messages []json.RawMessage
}

func (b *inbox) put(w http.ResponseWriter, r *http.Request) {
	var message json.RawMessage
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&message); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.messages) >= b.limit {
		http.Error(w, "full", http.StatusInsufficientStorage)
		return
	}
	b.messages = append(b.messages, message)
	w.WriteHeader(http.StatusCreated)
}

func (b *inbox) list(w http.ResponseWriter, _ *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"messages": b.messages})
}

func main() {
	c, err := load("/tmp/config.json")
	if err != nil {
		log.Fatal(err)
	}
	b := &inbox{limit: c.Limit, messages: []json.RawMessage{}}
	http.HandleFunc("POST /messages", b.put)
	http.HandleFunc("GET /messages", b.list)
	http.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	})

	addr := ":8080"
	if len(os.Args) > 1 {
		addr = os.Args[1]
	}
	log.Printf("inbox on %s", addr)
	log.Fatal(http.ListenAndServe(addr, nil))
}
