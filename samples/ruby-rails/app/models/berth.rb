class Berth < ActiveRecord::Base
  has_one_attached :plan
end
