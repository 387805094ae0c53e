class BerthsController < ActionController::API
  def index
    render json: Berth.order(:name).pluck(:name)
  end

  def create
    Berth.create!(name: params.require(:name))
    head :created
  end
end
