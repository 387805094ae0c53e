package main

import (
	"html/template"
	"log"
	"net/http"
	"os"
	"sync"
)

type poll struct {
	mu    sync.Mutex
	votes map[string]int
}

func (p *poll) vote(option string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.votes[option]; !known {
		return false
	}
	p.votes[option]++
	return true
}

func (p *poll) result() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	result := make(map[string]int, len(p.votes))
	for option, count := range p.votes {
		result[option] = count
	}
	return result
}

func main() {
	pages := template.Must(template.ParseGlob("templates/*.html"))
	lunch := &poll{votes: map[string]int{"soup": 0, "salad": 0, "sandwich": 0}}

	http.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		if err := pages.ExecuteTemplate(w, "index.html", lunch.result()); err != nil {
			log.Print(err)
		}
	})
	http.HandleFunc("POST /vote", func(w http.ResponseWriter, r *http.Request) {
		if !lunch.vote(r.FormValue("option")) {
			http.Error(w, "no such option", http.StatusBadRequest)
			return
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	http.HandleFunc("GET /health", func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte("ok\n"))
	})
	http.Handle("GET /static/", http.StripPrefix("/static/", http.FileServer(http.Dir("static"))))

	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	log.Printf("poll on port %s", port)
	log.Fatal(http.ListenAndServe(":"+port, nil))
}
