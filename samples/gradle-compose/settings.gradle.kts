rootProject.name = "queue"
