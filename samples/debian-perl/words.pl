#!/usr/bin/perl
# Prints the most frequent words of a file as JSON.
use strict;
use warnings;
use Getopt::Long;
use JSON;

GetOptions('top=i' => \my $top) or die "words --top N FILE\n";
my %count;
while (my $line = <>) {
    $count{lc $1}++ while $line =~ /(\w+)/g;
}
my @words = sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count;
splice @words, $top if @words > $top;
print JSON->new->canonical->encode([map { { word => $_, count => $count{$_} } } @words]), "\n";
