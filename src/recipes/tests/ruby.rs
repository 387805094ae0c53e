//! Ruby applications.

use super::Case;

const APP: (&str, &str) = ("app.rb", "require 'sinatra'\nget('/') { 'ok' }\n");
const GEMFILE: (&str, &str) = ("Gemfile", "source 'https://rubygems.org'\ngem 'sinatra'\ngem 'puma'\n");
const RAILS: (&str, &str) = ("Gemfile", "source 'https://rubygems.org'\ngem 'rails', '~> 8.0'\n");

pub(super) const CASES: [Case; 19] = [
    Case {
        what: "the interpreter, its gems and its variables come along, and the command stays",
        files: &[
            (
                "Dockerfile",
                "FROM ruby:3.4-slim\nRUN apt-get update && apt-get install -y build-essential libpq-dev\nWORKDIR /app\nCOPY Gemfile* ./\nRUN bundle install\nCOPY . .\nEXPOSE 4567\nCMD [\"bundle\", \"exec\", \"puma\", \"-p\", \"4567\"]\n",
            ),
            GEMFILE,
            APP,
        ],
        says: &[
            "FROM gcr.io/distroless/cc-debian13:nonroot",
            "ENV GEM_HOME=/usr/local/bundle",
            "ENV BUNDLE_APP_CONFIG=/usr/local/bundle",
            "ENV LANG=C.UTF-8",
            "ENV PATH=/usr/local/bundle/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "    { grep -lE '^#! *(/usr)?/bin/env ruby' /usr/local/bin/* /usr/local/bundle/bin/* /app/bin/* || true; } 2> /dev/null \\",
            "    rm -f /usr/local/bin/gem; \\",
            "COPY --from=build /usr/local/ /usr/local/",
            "COPY --from=build /app /app",
            "CMD [\"bundle\", \"exec\", \"puma\", \"-p\", \"4567\"]",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "Bundler's program goes where nothing starts it",
        files: &[
            (
                "Dockerfile",
                "FROM ruby:3.3\nWORKDIR /app\nCOPY . .\nRUN bundle install\nCMD puma -C config/puma.rb\n",
            ),
            GEMFILE,
        ],
        says: &[
            "    rm -f /usr/local/bin/bundle /usr/local/bin/bundler /usr/local/bin/gem; \\",
            "CMD [\"puma\", \"-C\", \"config/puma.rb\"]",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "what Rails writes to is the process's own, and nothing more",
        files: &[
            (
                "Dockerfile",
                "FROM ruby:3.4\nWORKDIR /rails\nCOPY . .\nRUN bundle install\nRUN SECRET_KEY_BASE=x bundle exec rails assets:precompile\nCMD [\"rails\", \"server\", \"-b\", \"0.0.0.0\"]\n",
            ),
            RAILS,
            ("config/application.rb", ""),
        ],
        says: &[
            "    mkdir -p /rails/log /rails/storage /rails/tmp /writable; cp -R /rails/log /rails/storage /rails/tmp /writable/; \\",
            "COPY --from=build /rails /rails",
            "COPY --from=build --chown=65532:65532 /writable/ /rails/",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "folders that are given away below the application stay so",
        files: &[
            (
                "Dockerfile",
                "FROM ruby:3.4\nWORKDIR /app\nCOPY . .\nRUN bundle install && useradd -u 1000 app && chown -R app:app log public/uploads\nUSER 1000:1000\nCMD [\"ruby\", \"app.rb\"]\n",
            ),
            GEMFILE,
            APP,
        ],
        says: &[
            "COPY --from=build --chown=1000:1000 /writable/1/ /app/",
            "COPY --from=build --chown=1000:1000 /writable/2/ /app/public/",
            "USER 1000:1000",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "Alpine's goes to nothing else",
        files: &[
            (
                "Dockerfile",
                "FROM ruby:3.4-alpine\nRUN apk add --no-cache build-base\nWORKDIR /app\nCOPY . .\nRUN bundle install\nCMD [\"ruby\", \"app.rb\"]\n",
            ),
            GEMFILE,
            APP,
        ],
        says: &[
            "FROM scratch",
            "ENV GEM_HOME=/usr/local/bundle",
            "USER 65532:65532",
            "CMD [\"ruby\", \"app.rb\"]",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a PATH with more in front keeps the gems'",
        files: &[
            (
                "Dockerfile",
                "FROM ruby:3.4\nWORKDIR /app\nCOPY . .\nENV PATH=/app/bin:$PATH\nCMD [\"ruby\", \"app.rb\"]\n",
            ),
            APP,
        ],
        says: &[
            "ENV PATH=/app/bin:/usr/local/bundle/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "Ruby reads the variables of a command at start",
        files: &[
            (
                "Dockerfile",
                "FROM ruby:3.4\nWORKDIR /app\nCOPY . .\nCMD bundle exec rackup -p $PORT -o ${HOST:-0.0.0.0}\n",
            ),
            GEMFILE,
        ],
        says: &[
            "CMD [\"ruby\", \"-e\", \"exec 'bundle', 'exec', 'rackup', '-p', ENV.fetch('PORT'), '-o', [ENV['HOST'], '0.0.0.0'].find { |v| v.to_s != '' }\"]",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "Ruby asks whether it is healthy",
        files: &[
            (
                "Dockerfile",
                "FROM ruby:3.4\nWORKDIR /app\nCOPY . .\nHEALTHCHECK CMD curl -f http://localhost:3000/up || exit 1\nCMD [\"ruby\", \"app.rb\"]\n",
            ),
            APP,
        ],
        says: &[
            "HEALTHCHECK CMD [\"/usr/local/bin/ruby\", \"-rnet/http\", \"-e\", \"exit Net::HTTP.get_response(URI('http://localhost:3000/up')).code < '400'\"]",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "libraries that gems open by name come along",
        files: &[
            (
                "Dockerfile",
                "FROM ruby:3.4-slim\nRUN apt-get update && apt-get install -y libvips libjemalloc2\nENV LD_PRELOAD=libjemalloc.so.2\nWORKDIR /app\nCOPY . .\nRUN bundle install\nCMD [\"puma\"]\n",
            ),
            ("Gemfile", "gem 'puma'\ngem 'image_processing'\n"),
        ],
        says: &[
            "    find /usr/lib /usr/local/lib \\( -name 'libjemalloc.so.2' -o -name 'libvips.so.42' \\) | while read -r library; do \\",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "root collects, whoever the stage's user is",
        files: &[
            (
                "Dockerfile",
                "FROM ruby:3.4\nRUN useradd -u 1000 ruby\nWORKDIR /app\nUSER ruby\nCOPY --chown=ruby:ruby . .\nRUN bundle install\nCMD [\"puma\"]\n",
            ),
            GEMFILE,
        ],
        says: &["USER root", "COPY --from=build --chown=1000:1000 /app /app", "USER 1000:1000"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a program that a library runs",
        files: &[
            ("Dockerfile", "FROM ruby:3.4\nWORKDIR /app\nCOPY . .\nRUN bundle install\nCMD [\"puma\"]\n"),
            ("Gemfile", "gem 'puma'\ngem 'mini_magick'\n"),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("starts convert"),
    },
    Case {
        what: "the entrypoint of Rails prepares the database",
        files: &[
            (
                "Dockerfile",
                "FROM ruby:3.4\nWORKDIR /rails\nCOPY . .\nRUN bundle install\nENTRYPOINT [\"/rails/bin/docker-entrypoint\"]\nCMD [\"./bin/rails\", \"server\"]\n",
            ),
            RAILS,
            (
                "bin/docker-entrypoint",
                "#!/bin/bash -e\nif [ -z \"${LD_PRELOAD+x}\" ]; then\n    LD_PRELOAD=$(find /usr/lib -name libjemalloc.so.2 -print -quit)\n    export LD_PRELOAD\nfi\nif [ \"${@: -2:1}\" == \"./bin/rails\" ] && [ \"${@: -1:1}\" == \"server\" ]; then\n  ./bin/rails db:prepare\nfi\nexec \"${@}\"\n",
            ),
            ("bin/rails", "#!/usr/bin/env ruby\nrequire 'rails'\n"),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("runs a job of the release (rails)"),
    },
    Case {
        what: "Ruby removes the pid file that a container left behind",
        files: &[
            (
                "Dockerfile",
                "FROM ruby:3.4\nRUN apt-get update && apt-get install -y nodejs\nWORKDIR /app\nCOPY . .\nRUN bundle install\nCMD rm -f tmp/pids/server.pid && bundle exec rails s -b 0.0.0.0\n",
            ),
            RAILS,
        ],
        says: &[
            "CMD [\"ruby\", \"-e\", \"require 'fileutils'; FileUtils.rm_f ['tmp/pids/server.pid']; exec 'bundle', 'exec', 'rails', 's', '-b', '0.0.0.0'\"]",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a program of a gem",
        files: &[(
            "Dockerfile",
            "FROM ruby:3.4\nRUN gem install landscape && landscape --version\nWORKDIR /app\nENTRYPOINT [\"landscape\"]\n",
        )],
        says: &["ENTRYPOINT [\"landscape\"]"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "settings of the gem program stay behind",
        files: &[
            (
                "Dockerfile",
                "FROM ruby:3.4\nRUN echo 'gem: --no-document' > ~/.gemrc\nWORKDIR /app\nCOPY . .\nRUN bundle install\nCMD [\"puma\"]\n",
            ),
            GEMFILE,
        ],
        says: &["COPY --from=build /app /app", "CMD [\"puma\"]"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a client beside a program of a gem is not there for nothing",
        files: &[(
            "Dockerfile",
            "FROM ruby:3.4\nRUN apt-get update && apt-get install -y git\nRUN gem install git-pr-release\nWORKDIR /repo\nENTRYPOINT [\"git-pr-release\"]\n",
        )],
        says: &[],
        lacks: &[],
        blocked: Some("installs git, which the program of the gem may start"),
    },
    Case {
        what: "without a Gemfile nobody knows what needs JavaScript",
        files: &[
            (
                "Dockerfile",
                "FROM ruby:3.4\nRUN apt-get update && apt-get install -y nodejs\nWORKDIR /app\nCOPY app.rb ./\nCMD [\"ruby\", \"app.rb\"]\n",
            ),
            APP,
        ],
        says: &[],
        lacks: &[],
        blocked: Some("installs nodejs"),
    },
    Case {
        what: "a console is for people",
        files: &[
            ("Dockerfile", "FROM ruby:3.4\nWORKDIR /app\nCOPY . .\nCMD [\"bundle\", \"exec\", \"irb\"]\n"),
            APP,
        ],
        says: &[],
        lacks: &[],
        blocked: Some("interactive prompt"),
    },
    Case {
        what: "foreman starts with a shell",
        files: &[
            ("Dockerfile", "FROM ruby:3.4\nWORKDIR /app\nCOPY . .\nCMD bundle exec foreman start\n"),
            APP,
        ],
        says: &[],
        lacks: &[],
        blocked: Some("start the application itself"),
    },
];
